mod any;

use proptest::prelude::*;

use super::*;

const WIDTHS: [Width; 2] = [Width::Two, Width::Four];

/// Writes into a buffer at an odd address and returns what lies there, guard bytes checked.
fn written<C: Char>(text: &str, capacity: usize) -> (Written, Vec<u8>) {
    let mut memory = vec![0xAA_u8; capacity + 16];
    let buffer = memory[1..].as_mut_ptr().cast::<C>();
    // SAFETY: there are `capacity` bytes behind the first.
    let result = unsafe { C::write_bytes(text, buffer, capacity) };
    assert_eq!(memory[0], 0xAA);
    assert!(memory[1 + capacity..].iter().all(|byte| *byte == 0xAA), "wrote behind the buffer");
    (result, memory[1..=capacity].to_vec())
}

fn wide_bytes(text: &str) -> Vec<u8> {
    let mut bytes = vec![0; Encoding::wide().length(text) + 4];
    let place: Vec<MaybeUninit<u8>> = bytes.iter().map(|byte| MaybeUninit::new(*byte)).collect();
    let mut place = place;
    let copied = Encoding::wide().copy(text, &mut place);
    bytes.truncate(copied.written);
    for (byte, unit) in bytes.iter_mut().zip(&place) {
        // SAFETY: every element was set above.
        *byte = unsafe { unit.assume_init() };
    }
    bytes
}

fn read<C: Char>(bytes: &[u8], length: isize) -> Result<Option<String>> {
    let mut memory = vec![0];
    memory.extend_from_slice(bytes);
    // SAFETY: the tests end their bytes with a terminator or name their length.
    unsafe { C::read(memory[1..].as_ptr().cast(), length) }
}

#[test]
fn narrow_text_is_cut_between_characters() {
    for (text, capacity, bytes, cut) in [
        ("abc", 4, &b"abc\0"[..], false),
        ("abc", 3, b"ab\0", true),
        ("aé", 3, b"a\0\xAA", true),
        ("aé", 4, b"a\xC3\xA9\0", false),
        ("é", 1, b"\0", true),
        ("", 1, b"\0", false),
        ("abc", 0, b"", true),
    ] {
        let (result, memory) = written::<Ansi>(text, capacity);
        assert_eq!((memory.as_slice(), result), (bytes, Written { length: text.len(), cut }), "{text} in {capacity}");
    }
}

#[test]
fn a_surrogate_pair_is_not_split() {
    let (result, memory) = written::<Wide>("a😀", 6);
    assert_eq!(result, Written { length: 6, cut: true });
    assert_eq!(&memory[..4], [b'a'.to_ne_bytes(), [0]].concat().iter().chain(&[0, 0]).copied().collect::<Vec<_>>());
}

#[test]
fn an_odd_last_byte_is_left_alone() {
    let (result, memory) = written::<Wide>("ab", 5);
    assert_eq!(result, Written { length: 4, cut: true });
    assert_eq!(memory[4], 0xAA);
}

#[test]
fn a_null_buffer_asks_for_the_length_only() {
    // SAFETY: null is allowed.
    let result = unsafe { Wide::write("abc", std::ptr::null_mut(), 0) };
    assert_eq!(result, Written { length: 3, cut: false });
}

#[test]
fn null_is_no_text_and_empty_is_text() {
    // SAFETY: null is allowed.
    let nothing = unsafe { Ansi::read(std::ptr::null(), TERMINATED) };
    assert_eq!(nothing, Ok(None));
    assert_eq!(read::<Ansi>(b"\0", TERMINATED), Ok(Some(String::new())));
    assert_eq!(read::<Ansi>(b"abc", 0), Ok(Some(String::new())));
}

#[test]
fn a_length_counts_units_and_keeps_zeros() {
    assert_eq!(read::<Ansi>(b"a\0b", 3), Ok(Some("a\0b".into())));
    assert_eq!(read::<Wide>(&wide_bytes("a\0b"), 3), Ok(Some("a\0b".into())));
}

#[test]
fn wrong_units_and_lengths_are_errors() {
    assert_eq!(read::<Ansi>(b"\xFF\0", TERMINATED), Err(Diagnostic::InvalidText("UTF-8")));
    assert_eq!(read::<Ansi>(b"a\0", -4), Err(Diagnostic::InvalidLength(-4)));
    assert_eq!(read::<Wide>(b"a\0", isize::MAX), Err(Diagnostic::InvalidLength(isize::MAX)));
    let lone = [0xD800_u16.to_ne_bytes(), [0, 0]].concat();
    assert_eq!(read::<Wide>(&lone, TERMINATED), Err(Diagnostic::InvalidText("UTF-16")));
    let beyond = 0x11_0000_u32.to_ne_bytes();
    assert_eq!(with_width(Width::Four, || read::<Wide>(&beyond, 1)), Err(Diagnostic::InvalidText("UTF-32")));
}

#[test]
fn the_width_comes_back_after_a_panic() {
    let result = std::panic::catch_unwind(|| with_width(Width::Four, || panic!("on purpose")));
    assert!(result.is_err());
    assert_eq!(Wide::width(), 2);
}

proptest! {
    #[test]
    fn narrow_text_survives_at_any_capacity(text in "[^\0]{0,12}", capacity in 1_usize..40) {
        let (result, memory) = written::<Ansi>(&text, capacity);
        let back = read::<Ansi>(&memory, TERMINATED).unwrap().unwrap();
        prop_assert!(text.starts_with(&back));
        prop_assert_eq!(result.cut, back.len() < text.len());
        prop_assert_eq!(result.length, text.len());
    }

    #[test]
    fn wide_text_survives_at_any_capacity(text in "[^\0]{0,12}", capacity in 4_usize..60) {
        for width in WIDTHS {
            with_width(width, || {
                let (result, memory) = written::<Wide>(&text, capacity);
                let back = read::<Wide>(&memory, TERMINATED).unwrap().unwrap();
                prop_assert!(text.starts_with(&back));
                prop_assert_eq!(result.cut, back.len() < text.len());
                prop_assert_eq!(read::<Wide>(&wide_bytes(&text), (result.length / Wide::width()).cast_signed()), Ok(Some(text.clone())));
                Ok(())
            })?;
        }
    }
}

#[test]
fn latin1_has_a_byte_for_each_of_its_characters_and_a_question_mark_for_others() {
    let latin1 = Encoding::Narrow(Charset::Latin1);
    for (text, room, bytes, consumed) in
        [("aé€ÿ😀", 9, &b"a\xE9?\xFF?"[..], 12), ("éé", 1, b"\xE9", 2), ("", 3, b"", 0), ("ab", 0, b"", 0)]
    {
        let mut buffer = vec![MaybeUninit::new(0xAA); room];
        let copied = latin1.copy(text, &mut buffer);
        assert_eq!((copied.consumed, copied.written), (consumed, bytes.len()), "{text}");
        // SAFETY: every element was set above.
        let found: Vec<u8> = buffer[..copied.written].iter().map(|byte| unsafe { byte.assume_init() }).collect();
        assert_eq!(found, bytes, "{text}");
    }
    assert_eq!((latin1.length("aé€ÿ😀"), latin1.unit()), (5, 1));
    assert!(latin1.replaces("€") && !latin1.replaces("aéÿ"));
    assert!(!Encoding::Narrow(Charset::Utf8).replaces("€😀") && !Encoding::Wide(Width::Two).replaces("😀"));
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let text = latin1.decode(&all).expect("every byte is a character").into_owned();
    assert!(text.chars().map(u32::from).eq(0..=0xFF));
}
