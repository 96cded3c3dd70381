//! Places of the plane in cells, so that those near a point or in a rectangle are found without looking at all.

use std::ops::Range;

use super::doubt_plane::Bounds;

/// Images of a cell on average: few enough to look through, many enough that empty cells do not outnumber them.
const A_CELL: usize = 16;
/// Cells along an axis at most.
const MOST: usize = 256;

/// Indices of places, cell by cell.
#[derive(Clone, Debug)]
pub struct Grid {
    extent: Bounds,
    /// Cells along each axis.
    side: usize,
    /// Where each cell begins in `indices`, row by row, and after the last one where it ends.
    starts: Vec<u32>,
    /// Indices of the places, ascending within a cell. Places that are no numbers are in none.
    indices: Vec<u32>,
}

impl Grid {
    /// Sorts places, all of which lie in `extent`, into cells.
    #[must_use]
    pub fn new(places: &[[f32; 2]], extent: Bounds) -> Self {
        let side = places.len().div_ceil(A_CELL).isqrt().clamp(1, MOST);
        let mut grid = Self { extent, side, starts: vec![0; side * side + 1], indices: Vec::new() };
        let cells: Vec<Option<usize>> = places.iter().map(|place| grid.cell_of(*place)).collect();
        for cell in cells.iter().flatten() {
            grid.starts[cell + 1] += 1;
        }
        for cell in 0..side * side {
            grid.starts[cell + 1] += grid.starts[cell];
        }
        let mut next = grid.starts.clone();
        grid.indices = vec![0; grid.starts[side * side] as usize];
        for (index, cell) in (0_u32..).zip(cells) {
            if let Some(cell) = cell {
                grid.indices[next[cell] as usize] = index;
                next[cell] += 1;
            }
        }
        grid
    }

    /// The column or row of a value; what lies beyond the extent belongs to the cell at its edge.
    fn step(&self, value: f32, axis: usize) -> usize {
        let (from, to) = (self.extent.min[axis], self.extent.max[axis]);
        let share = (value - from) / (to - from);
        ((share * self.side as f32).max(0.0) as usize).min(self.side - 1)
    }

    fn cell_of(&self, place: [f32; 2]) -> Option<usize> {
        let is_number = place.iter().all(|value| !value.is_nan());
        is_number.then(|| self.step(place[1], 1) * self.side + self.step(place[0], 0))
    }

    /// Where all places in a rectangle, and some beside it, stand among [`indices`](Self::indices): those of the cells
    /// it touches, row by row. One can look at some of them now and at the others later.
    pub fn runs(&self, part: Bounds) -> impl Iterator<Item = Range<usize>> {
        let [columns, rows] = [0, 1].map(|axis| {
            let (from, to) = (self.step(part.min[axis], axis), self.step(part.max[axis], axis));
            from..=to
        });
        rows.map(move |row| {
            // Cells of a row follow each other.
            let (first, last) = (row * self.side + columns.start(), row * self.side + columns.end());
            self.starts[first] as usize..self.starts[last + 1] as usize
        })
    }

    /// Indices of all places that are numbers, cell by cell and ascending within each.
    #[must_use]
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, uniform};

    fn around(grid: &Grid, part: Bounds) -> impl Iterator<Item = u32> {
        grid.runs(part).flat_map(|run| grid.indices()[run].iter().copied())
    }

    #[test]
    fn a_rectangle_finds_what_a_look_at_every_place_finds() {
        let number = |key: u64, axis: u64| uniform(7, Purpose::Bootstrap, [key, axis]);
        let mut places: Vec<[f32; 2]> =
            (0..4_000).map(|key| [number(key, 0).powi(3), 0.5 * number(key, 1)]).collect();
        places[17] = [f32::NAN, 0.1];
        places[18] = [f32::INFINITY, 0.1];
        let grid = Grid::new(&places, Bounds::around(&places[100..]));
        for key in 10_000..10_200 {
            let [a, b] =
                [0, 2].map(|axis| [1.2 * number(key, axis) - 0.1, 0.6 * number(key, axis + 1) - 0.05]);
            let part = Bounds::between(a, b);
            let inside = |index: &u32| part.contains(places[*index as usize]);
            let mut found: Vec<u32> = around(&grid, part).filter(inside).collect();
            found.sort_unstable();
            let all: Vec<u32> = (0..4_000).filter(inside).collect();
            assert_eq!(found, all);
        }
        let everywhere = Bounds { min: [f32::NEG_INFINITY; 2], max: [f32::INFINITY; 2] };
        assert_eq!(around(&grid, everywhere).count(), 3_999, "all but what is no number");
    }

    #[test]
    fn no_places_and_one_place_are_a_grid_too() {
        let none = Grid::new(&[], Bounds::around(&[]));
        assert_eq!(around(&none, Bounds::between([0.0; 2], [1.0; 2])).count(), 0);
        let one = [[0.0, 0.0]];
        let grid = Grid::new(&one, Bounds { min: [0.0; 2], max: [0.0; 2] });
        assert_eq!(around(&grid, Bounds::between([-1.0; 2], [1.0; 2])).collect::<Vec<_>>(), [0]);
    }
}
