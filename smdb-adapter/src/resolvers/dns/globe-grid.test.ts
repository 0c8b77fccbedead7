import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGlobeGrid } from "./globe-grid.ts";

const METRES_PER_DEGREE = 111_195;
const latitudes = fc.double({ min: -90, max: 90, noNaN: true });
const longitudes = fc.double({ min: -180, max: 180, noNaN: true });
const cells = fc.double({ min: 1, max: 100_000, noNaN: true });

function middleOf(name: string): { readonly latitude: number; readonly longitude: number } {
  const [, latitude, longitude] = /^loc-(-?[\d.]+)-(-?[\d.]+)$/.exec(name) ?? [];
  return { latitude: Number(latitude), longitude: Number(longitude) };
}

describe("grid on the globe", () => {
  it("names a cell by a middle that is within about half a cell of each of its points", () => {
    fc.assert(
      fc.property(latitudes, longitudes, cells, (latitude, longitude, cellMetres) => {
        const middle = middleOf(createGlobeGrid(cellMetres).cellOf({ latitude, longitude }));
        const north = Math.abs(middle.latitude - latitude) * METRES_PER_DEGREE;
        expect(north).toBeLessThanOrEqual(cellMetres * 1.02);
        const narrowing = Math.cos((middle.latitude * Math.PI) / 180);
        fc.pre(narrowing > 0.1);
        const apart = Math.abs(middle.longitude - longitude);
        const east = Math.min(apart, 360 - apart) * METRES_PER_DEGREE * narrowing;
        expect(east).toBeLessThanOrEqual(cellMetres * 1.1);
      }),
    );
  });

  it("has another name for points further apart than two cells", () => {
    fc.assert(
      fc.property(latitudes, longitudes, cells, (latitude, longitude, cellMetres) => {
        const grid = createGlobeGrid(cellMetres);
        const away = latitude + (latitude > 0 ? -2.1 : 2.1) * (cellMetres / METRES_PER_DEGREE);
        expect(grid.cellOf({ latitude: away, longitude })).not.toBe(grid.cellOf({ latitude, longitude }));
      }),
    );
  });

  it("never gives neighbours one name, whatever their size", () => {
    for (const cellMetres of [1, 111.195, 222.39, 1111.95, 9999, 100_000]) {
      const grid = createGlobeGrid(cellMetres);
      const step = cellMetres / METRES_PER_DEGREE;
      const names = Array.from({ length: Math.min(300, 80 / step) }, (_, index) =>
        grid.cellOf({ latitude: 1 + index * step * 1.1, longitude: 8 }),
      );
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("takes the meridian of 180 degrees for one, and has names at the poles", () => {
    const grid = createGlobeGrid(100);
    expect(grid.cellOf({ latitude: 10, longitude: 180 })).toBe(grid.cellOf({ latitude: 10, longitude: -180 }));
    expect(grid.cellOf({ latitude: 90, longitude: 7 })).toMatch(/^loc-89\.99\d+-/);
    expect(grid.cellOf({ latitude: -90, longitude: 7 })).toMatch(/^loc--89\.99\d+-/);
  });
});
