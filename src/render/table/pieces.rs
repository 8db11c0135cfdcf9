//! A long table, made and printed a piece at a time: the cells of all jobs of a large fleet would take more memory than
//! all that is known of them.

use comfy_table::{Cell, ColumnConstraint, Table, Width};

use super::{Style, new};

/// Rows that are in memory at once. A table that is no longer is arranged as a whole, for the width of the terminal.
const ROWS: usize = 500;

/// The rows below their header. The lines of a table of several pieces are as long as they must be: no cell is folded,
/// for where to fold it only all cells together tell.
pub(super) fn print(style: Style, header: &[&str], rows: impl Iterator<Item = Vec<Cell>> + Clone) -> String {
    if rows.clone().nth(ROWS).is_none() {
        let mut table = new(style, header);
        table.add_rows(rows);
        return super::print(&table);
    }
    let style = Style { width: None, ..style };
    let widths = widths(new(style, header), Pieces(rows.clone()));
    let mut text = String::new();
    for (nth, piece) in Pieces(rows).enumerate() {
        let mut table = new(style, if nth == 0 { header } else { &[] });
        table.add_rows(piece);
        for (column, width) in table.column_iter_mut().zip(&widths) {
            let with_padding = width.saturating_add(column.padding_width());
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(with_padding)));
        }
        text.push_str(&super::print(&table));
    }
    text
}

/// Of the widest cell of each column.
fn widths(header: Table, pieces: impl Iterator<Item = Vec<Vec<Cell>>>) -> Vec<u16> {
    let mut widest = header.column_max_content_widths();
    for piece in pieces {
        let mut table = Table::new();
        table.add_rows(piece);
        for (known, found) in widest.iter_mut().zip(table.column_max_content_widths()) {
            *known = found.max(*known);
        }
    }
    widest
}

struct Pieces<R>(R);

impl<R: Iterator<Item = Vec<Cell>>> Iterator for Pieces<R> {
    type Item = Vec<Vec<Cell>>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece: Vec<_> = self.0.by_ref().take(ROWS).collect();
        (!piece.is_empty()).then_some(piece)
    }
}

#[cfg(test)]
mod tests {
    use comfy_table::Color;

    use super::*;

    fn rows(count: usize) -> impl Iterator<Item = Vec<Cell>> + Clone {
        (0..count).map(move |n| {
            let wide = if n + 1 == count { "ä".repeat(30) } else { n.to_string() };
            vec![Cell::new(wide).fg(Color::Red), Cell::new(n), Cell::new(if n == 3 { "note" } else { "" })]
        })
    }

    fn whole(style: Style, count: usize) -> String {
        let mut table = new(style, &["A", "B", ""]);
        table.add_rows(rows(count));
        super::super::print(&table)
    }

    #[test]
    fn pieces_look_like_the_whole() {
        for color in [false, true] {
            for count in [0, 1, ROWS, ROWS + 1, 3 * ROWS, 3 * ROWS + 7] {
                let style = Style { color, width: None };
                assert_eq!(print(style, &["A", "B", ""], rows(count)), whole(style, count), "{count}");
            }
        }
    }

    #[test]
    fn only_a_short_table_is_folded_for_the_terminal() {
        let style = Style { color: false, width: Some(20) };
        let folded = print(style, &["A", "B", ""], rows(10));
        assert!(folded.lines().all(|line| line.chars().count() <= 20), "{folded}");
        let long = print(style, &["A", "B", ""], rows(ROWS + 1));
        assert_eq!(long.lines().count(), ROWS + 2, "one line for each row");
    }
}
