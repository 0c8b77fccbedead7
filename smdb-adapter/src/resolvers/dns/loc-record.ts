// LOC records (RFC 1876): a place on the globe as 16 bytes.

/** In degrees, north and east positive. */
export interface GlobePoint {
  readonly latitude: number;
  readonly longitude: number;
}

const LOC_BYTES = 16;
const LATITUDE_AT = 4;
const LONGITUDE_AT = 8;
/** The equator and the meridian; units are thousandths of a second of arc. */
const ZERO = 2 ** 31;
const UNITS_PER_DEGREE = 3_600_000;

/** Undefined for another version, another length and places off the globe. */
export function parseLoc(data: Buffer): GlobePoint | undefined {
  if (data.length !== LOC_BYTES || data[0] !== 0) return undefined;
  const latitude = (data.readUInt32BE(LATITUDE_AT) - ZERO) / UNITS_PER_DEGREE;
  const longitude = (data.readUInt32BE(LONGITUDE_AT) - ZERO) / UNITS_PER_DEGREE;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : undefined;
}
