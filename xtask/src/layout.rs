//! Rows for the eye: a table where it fits, else one line per value.

use crate::isql::Rows;

/// Characters of a line up to which a table is drawn.
const WIDTH: usize = 118;
/// Characters that the last column must have room for; with less the rows become records.
const NARROWEST: usize = 30;
/// Between two columns of a table.
const GAP: &str = "  ";

/// The rows as text, each line indented.
pub(crate) fn draw(Rows(rows): &Rows) -> String {
    let mut widths = widths(rows);
    let fixed = widths.iter().rev().skip(1).map(|width| width + GAP.len()).sum::<usize>();
    let room = WIDTH.saturating_sub(fixed);
    let lines = match widths.last_mut() {
        Some(last) if *last > room && room < NARROWEST => records(rows),
        Some(last) => {
            *last = room.min(*last);
            table(rows, &widths)
        }
        None => Vec::new(),
    };
    lines.iter().map(|line| format!("    {line}\n")).collect()
}

/// A text in lines of at most [`WIDTH`] characters, each indented by two.
pub(crate) fn wrap(text: &str) -> String {
    folded(text, WIDTH).iter().map(|line| format!("  {line}\n")).collect()
}

/// A text cut between words into lines of `width` characters; a longer word has a line of its own.
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|value| value.chars().count()).max();
    (0..columns).map(|column| width(column).unwrap_or(0)).collect()
}

/// Names, a rule, the rows; numbers to the right, a long text of the last column in several lines.
fn table(rows: &[Vec<String>], widths: &[usize]) -> Vec<String> {
    let right: Vec<bool> = (0..widths.len()).map(|column| is_numeric(rows, column)).collect();
    let rule: Vec<_> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let mut rows = rows.iter().flat_map(|row| unfolded(row, widths)).map(|row| aligned(&row, widths, &right));
    let names = rows.next();
    names.into_iter().chain([rule.join(GAP)]).chain(rows).collect()
}

/// The row, and further ones that go on with its last value where that is too wide.
fn unfolded(row: &[String], widths: &[usize]) -> Vec<Vec<String>> {
    match (row.split_last(), widths.last()) {
        (Some((last, before)), Some(&width)) if last.chars().count() > width => {
            let row = |(line, text)| match line {
                0 => before.iter().cloned().chain([text]).collect(),
                _ => vec![String::new(); before.len()].into_iter().chain([text]).collect(),
            };
            folded(last, width).into_iter().enumerate().map(row).collect()
        }
        _ => vec![row.to_vec()],
    }
}

fn aligned(row: &[String], widths: &[usize], right: &[bool]) -> String {
    let cells =
        row.iter().zip(widths).zip(right).map(|((value, &width), &right)| {
            if right { format!("{value:>width$}") } else { format!("{value:<width$}") }
        });
    cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
}

fn is_numeric(rows: &[Vec<String>], column: usize) -> bool {
    let mut values = rows.iter().skip(1).filter_map(|row| row.get(column)).filter(|value| !value.is_empty()).peekable();
    values.peek().is_some() && values.all(|value| value.parse::<f64>().is_ok())
}

/// `name: value` for each value that there is, an empty line between two rows.
fn records(rows: &[Vec<String>]) -> Vec<String> {
    let Some((names, rows)) = rows.split_first() else { return Vec::new() };
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for row in rows {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let filled = names.iter().zip(row).filter(|(_, value)| !value.is_empty());
        lines.extend(filled.map(|(name, value)| format!("{name:<width$}  {value}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Rows {
        Rows(rows.iter().map(|row| row.iter().map(|value| (*value).to_owned()).collect()).collect())
    }

    #[test]
    fn a_table_counts_characters_and_puts_numbers_right() {
        let drawn = draw(&rows(&[&["title", "value"], &["Café", "7.50"], &["Ab", ""], &["Cde", "1200.00"]]));
        let expected = "    title    value\n    -----  -------\n    Café      7.50\n    Ab\n    Cde    1200.00\n";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_long_text_of_the_last_column_is_folded() {
        let (name, text) = ("n".repeat(80), "word ".repeat(10));
        let drawn = draw(&rows(&[&["name", "remarks"], &[&name, text.trim_end()], &["b", "c"]]));
        let lines: Vec<_> = drawn.lines().skip(2).collect();
        let words = |count| vec!["word"; count].join(" ");
        assert_eq!(
            lines,
            [format!("    {name}  {}", words(7)), format!("    {:80}  {}", "", words(3)), format!("    {:80}  c", "b")]
        );
    }

    #[test]
    fn what_is_too_wide_becomes_records() {
        let long = "x".repeat(WIDTH);
        let drawn = draw(&rows(&[&["step", "call", "here"], &["1", &long, "a"], &["2", "", ""]]));
        assert_eq!(drawn, format!("    step  1\n    call  {long}\n    here  a\n    \n    step  2\n"));
    }

    #[test]
    fn text_is_wrapped_between_words() {
        let word = "x".repeat(WIDTH / 2);
        assert_eq!(wrap(&format!("a {word} b {word}")), format!("  a {word} b\n  {word}\n"));
        assert_eq!(wrap(""), "");
    }

    #[test]
    fn an_empty_result_has_its_names() {
        assert_eq!(draw(&rows(&[&["id", "title"]])), "    id  title\n    --  -----\n");
    }
}
