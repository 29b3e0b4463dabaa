/** Memory of a device. Whoever made it frees it. */
export interface DeviceBuffer {
  readonly label: string;
  /** At least as many as were asked for. */
  readonly bytes: number;
  /** Frees it, as soon as what was submitted no longer needs it; a second call does nothing. */
  destroy(): void;
}

/** Some bytes of a buffer; both numbers are multiples of 4. */
export interface ByteRange {
  readonly offset: number;
  readonly bytes: number;
}

/** Words of 4 bytes on the host, as they are written to a device. */
export type Words = Float32Array | Int32Array | Uint32Array;

/** What makes, fills and reads memory. Writes and reads take effect in order with what is submitted. */
export interface DeviceMemory {
  /** Zeroed memory. Some devices learn later that there is not enough: `takeErrors` then says so. */
  createBuffer(label: string, bytes: number): DeviceBuffer;
  /** As `createBuffer`, but waits until it is known whether there is enough memory; undefined when there is not. */
  tryCreateBuffer(label: string, bytes: number): Promise<DeviceBuffer | undefined>;
  /** `offset` in bytes, a multiple of 4; `data` may be changed as soon as this returns. */
  write(buffer: DeviceBuffer, offset: number, data: Words): void;
  /**
   * The bytes of all ranges, one range after the other, as what was submitted until now leaves them; what is submitted
   * before the promise settles must not change them.
   * @throws RicciError `runtime/read` when the device is lost
   */
  read(buffer: DeviceBuffer, ranges: readonly ByteRange[]): Promise<ArrayBuffer>;
}
