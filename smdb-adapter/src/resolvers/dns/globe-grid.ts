// The globe in cells of about the same size, each with a name: hosts of one cell are one group.
import type { GlobePoint } from "./loc-record.ts";

export interface GlobeGrid {
  /** Such as `loc-52.3702-4.8952`, after the middle of the cell that holds the point. */
  cellOf(point: GlobePoint): string;
}

const METRES_PER_DEGREE = 111_195;

/** Cells are at least so many metres high and wide; all of a row are alike, and fewer towards the poles. */
export function createGlobeGrid(cellMetres: number): GlobeGrid {
  const smallest = cellMetres / METRES_PER_DEGREE;
  const rows = Math.max(1, Math.floor(180 / smallest));
  const height = 180 / rows;
  // Finer than half a cell, so that the middles of neighbours stay different when they are rounded.
  const decimals = Math.max(0, Math.ceil(-Math.log10(smallest / 2)));

  return {
    cellOf({ latitude, longitude }) {
      const row = Math.min(rows - 1, Math.floor((latitude + 90) / height));
      const middle = -90 + (row + 0.5) * height;
      const columns = Math.max(1, Math.floor((360 * Math.cos((middle * Math.PI) / 180)) / smallest));
      const width = 360 / columns;
      // The meridian of 180° is one, east or west.
      const column = Math.floor((longitude + 180) / width) % columns;
      return `loc-${print(middle, decimals)}-${print(-180 + (column + 0.5) * width, decimals)}`;
    },
  };
}

function print(degrees: number, decimals: number): string {
  const text = degrees.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}
