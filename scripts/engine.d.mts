export function setUpEngine(): void;
