// What is known of a rack as a whole, so that an announce need not look at all its peers. Each note errs on the safe side.

/** Doubles a room, and which is which. Times are milliseconds since the epoch; 0 is not known. */
export const NOTES = 6;
/** Until then no representative of the rack is gone. */
export const QUIET_UNTIL = 0;
/** Until then all complete peers, who are all late clients, serve as many as they may. */
export const BUSY_UNTIL = 1;
/** Until then all incomplete peers, who are all late clients, lack no less and no more than the next two say. Bytes. */
export const LEVEL_UNTIL = 2;
export const LEAST_LEFT = 3;
export const MOST_LEFT = 4;
/** When to look again, where the last look found nothing of the kind. */
export const LOOK_AT = 5;

/** A connection, its handshake and the bitfield take about this long; the bitfield tells what the source has by then. */
export const MEETING_MS = 500;
