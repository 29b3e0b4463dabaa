import type { Schedules } from '../../compiler/loop/schedule.ts';
import type { Device } from '../../runtime/device.ts';
import type { Io } from '../io.ts';
import { knownRecords, schedulesIn } from './tuned-file.ts';

/** What is tuned where nobody says otherwise. */
export const USUAL_TUNING = { prompt: 64, rounds: 5 };

/** The schedules that were found for a device; undefined where there are none, or they are not to be used. */
export async function tunedSchedules(
  io: Pick<Io, 'stderr' | 'tuned'>, device: Device, wanted = true,
): Promise<Schedules | undefined> {
  return wanted ? schedulesIn(await knownRecords(io, device)) : undefined;
}
