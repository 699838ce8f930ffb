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
