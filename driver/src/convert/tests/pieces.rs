use proptest::prelude::*;

use super::*;

/// What a reader that trusts a full buffer puts together, as pyodbc does, and the states it was told.
fn read_in_pieces(cell: Cell<'_>, c_type: CType, capacity: usize) -> (Vec<u8>, Vec<&'static str>, Vec<isize>) {
    let terminator = match c_type {
        CType::Char => 1,
        CType::WChar => 2,
        _ => 0,
    };
    let (mut progress, mut whole, mut states, mut lengths) = (Progress::default(), vec![], vec![], vec![]);
    for _ in 0..200 {
        let mut memory = Memory::new(capacity);
        let outcome = put(cell, &memory.target(c_type), Some(&mut progress));
        states.push(state(&outcome));
        lengths.push(memory.octet_length);
        let room = capacity - capacity % terminator.max(1) - terminator;
        let piece = usize::try_from(memory.octet_length).unwrap().min(room);
        whole.extend_from_slice(&memory.bytes[1..=piece]);
        assert!(memory.bytes[1 + piece..][..terminator].iter().all(|byte| *byte == 0), "a terminator follows");
        if outcome == Ok(Outcome::Whole) {
            break;
        }
    }
    (whole, states, lengths)
}

#[test]
fn each_piece_fills_the_buffer_and_tells_what_was_left() {
    let (whole, states, lengths) = read_in_pieces(Cell::Text("abcdefg"), CType::Char, 4);
    assert_eq!((whole.as_slice(), states.as_slice()), (&b"abcdefg"[..], &["01004", "01004", ""][..]));
    assert_eq!(lengths, [7, 4, 1]);
}

#[test]
fn numbers_come_in_pieces_too() {
    let cell = Cell::Decimal { unscaled: 123_456, scale: 2 };
    let (whole, states, _) = read_in_pieces(cell, CType::Char, 5);
    assert_eq!((whole.as_slice(), states.as_slice()), (&b"1234.56"[..], &["01004", ""][..]));
}

#[test]
fn a_buffer_smaller_than_a_character_gets_on() {
    let (whole, states, _) = read_in_pieces(Cell::Text("😀"), CType::Char, 2);
    assert_eq!((whole.as_slice(), states.len()), ("😀".as_bytes(), 4));
}

#[test]
fn a_buffer_without_room_tells_the_length_again() {
    let mut progress = Progress::default();
    for capacity in [0, 1, 0] {
        let mut memory = Memory::new(capacity);
        let outcome = put(Cell::Text("abc"), &memory.target(CType::Char), Some(&mut progress));
        assert_eq!((state(&outcome), memory.octet_length), ("01004", 3));
    }
    let mut memory = Memory::new(4);
    let outcome = put(Cell::Text("abc"), &memory.target(CType::Char), Some(&mut progress));
    assert_eq!((state(&outcome), memory.written()), ("", &b"abc\0"[..]));
    assert!(progress.finished);
}

#[test]
fn a_value_of_a_fixed_size_is_finished_at_once() {
    let mut progress = Progress::default();
    let mut memory = Memory::new(0);
    let outcome = put(Cell::Bit(true), &memory.target(CType::SLong), Some(&mut progress));
    assert_eq!(state(&outcome), "");
    assert!(progress.finished);
}

#[test]
fn a_failed_conversion_may_be_tried_again() {
    let mut progress = Progress::default();
    let mut memory = Memory::new(8);
    let outcome = put(Cell::Text("abc"), &memory.target(CType::SLong), Some(&mut progress));
    assert_eq!((state(&outcome), progress.finished), ("22018", false));
    let outcome = put(Cell::Text("abc"), &memory.target(CType::Char), Some(&mut progress));
    assert_eq!((state(&outcome), memory.written()), ("", &b"abc\0"[..]));
}

#[test]
fn the_maximum_length_bounds_all_pieces_together() {
    let mut progress = Progress::default();
    let mut whole: Vec<u8> = vec![];
    for expected in ["01004", "01004", ""] {
        let mut memory = Memory::new(3);
        let target = Target { max_length: 5, ..memory.target(CType::Char) };
        assert_eq!(state(&put(Cell::Text("abcdefg"), &target, Some(&mut progress))), expected);
        whole.extend(memory.written().iter().take_while(|byte| **byte != 0));
    }
    assert_eq!(whole, b"abcde");
}

proptest! {
    #[test]
    fn pieces_make_the_whole(text in ".{0,40}", capacity in 3_usize..20) {
        let cell = Cell::Text(&text);
        prop_assert_eq!(read_in_pieces(cell, CType::Char, capacity).0, text.as_bytes());
        prop_assert_eq!(read_in_pieces(cell, CType::WChar, capacity + 1).0, wide(&text));
        prop_assert_eq!(read_in_pieces(cell, CType::Binary, capacity).0, wide(&text));
    }

    /// From the smallest buffer that holds a unit to one that holds all of it, for wide text with pairs in it.
    #[test]
    fn pieces_of_every_size_make_the_whole(text in "(a|é|€|😀){0,12}") {
        let cell = Cell::Text(&text);
        for capacity in 2..text.len() + 3 {
            let (whole, states, lengths) = read_in_pieces(cell, CType::Char, capacity);
            prop_assert_eq!(&whole, text.as_bytes());
            prop_assert!(states[..states.len() - 1].iter().all(|state| *state == "01004") && states.last() == Some(&""));
            // What is told is what was left, so it shrinks by what the piece before had room for.
            let told: Vec<_> = lengths.iter().map(|length| text.len() - length.cast_unsigned()).collect();
            prop_assert!(told.iter().enumerate().all(|(piece, given)| *given == piece * (capacity - 1)), "{told:?}");
        }
        for capacity in 4..wide(&text).len() + 5 {
            prop_assert_eq!(read_in_pieces(cell, CType::WChar, capacity).0, wide(&text), "{}", capacity);
        }
    }

    /// No half of a pair is left in a column that nothing can fetch the rest of.
    #[test]
    fn a_bound_column_is_cut_between_pairs(text in "(a|é|😀){0,12}", capacity in 2_usize..40) {
        let mut memory = Memory::new(capacity);
        let outcome = put(Cell::Text(&text), &memory.target(CType::WChar), None);
        let units: Vec<_> = memory.written().chunks_exact(2).map(|unit| u16::from_ne_bytes([unit[0], unit[1]])).collect();
        let got = String::from_utf16(&units[..units.len() - 1]).expect("whole pairs");
        prop_assert!(text.starts_with(&got) && units.last() == Some(&0));
        prop_assert_eq!(outcome == Ok(Outcome::Whole), got == text);
        let next = text[got.len()..].chars().next().map_or(0, char::len_utf16);
        prop_assert!(next == 0 || (units.len() + next) * 2 > capacity, "one more would have fit");
    }

    #[test]
    fn a_bound_column_is_cut_between_characters(text in "[^\0]{0,20}", capacity in 1_usize..40) {
        let mut memory = Memory::new(capacity);
        let outcome = put(Cell::Text(&text), &memory.target(CType::Char), None);
        let written = memory.written();
        let got = std::str::from_utf8(&written[..written.len() - 1]).unwrap();
        prop_assert!(text.starts_with(got));
        prop_assert_eq!(outcome == Ok(Outcome::Whole), got == text);
    }
}
