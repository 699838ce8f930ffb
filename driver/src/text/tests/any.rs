//! Whatever units come: the text that they are, by the standard library's reader, or an error; whatever room there is:
//! as much as fits, ended, and nothing beside it.

use proptest::collection::vec;

use super::*;

const ENCODINGS: [Encoding; 4] = [
    Encoding::Narrow(Charset::Utf8),
    Encoding::Narrow(Charset::Latin1),
    Encoding::Wide(Width::Two),
    Encoding::Wide(Width::Four),
];

/// Units of UTF-16, halves of pairs more often than chance has it.
fn units() -> impl Strategy<Value = Vec<u16>> {
    vec(prop_oneof![2 => any::<u16>(), 1 => 0xD800..0xDC00_u16, 1 => 0xDC00..0xE000_u16, 2 => 1..0x80_u16], 0..12)
}

fn bytes_of(units: &[u16]) -> Vec<u8> {
    units.iter().flat_map(|unit| unit.to_ne_bytes()).collect()
}

/// Text with letters of every length in every encoding.
fn text() -> impl Strategy<Value = String> {
    vec(prop_oneof![Just('a'), Just('é'), Just('€'), Just('😀'), any::<char>()], 0..12).prop_map(String::from_iter)
}

/// What `encoding` writes of `text` into memory between guards, and the memory.
fn out(encoding: Encoding, text: &str, capacity: usize, shift: usize) -> (Written, Vec<u8>) {
    let mut memory = vec![0xAA_u8; capacity + 17];
    // SAFETY: there are `capacity` bytes behind the first few.
    let written = unsafe { write(encoding, text, memory[shift..].as_mut_ptr(), capacity) };
    assert!(memory[..shift].iter().all(|byte| *byte == 0xAA), "wrote before the buffer");
    assert!(memory[shift + capacity..].iter().all(|byte| *byte == 0xAA), "wrote behind the buffer");
    (written, memory[shift..shift + capacity].to_vec())
}

proptest! {
    #[test]
    fn wide_units_are_read_as_the_standard_library_reads_them(units in units()) {
        let expected = String::from_utf16(&units).map(Some).map_err(|_| Diagnostic::InvalidText("UTF-16"));
        let bytes = bytes_of(&units);
        prop_assert_eq!(read::<Wide>(&bytes, units.len().cast_signed()), expected);
        // Up to the first zero where no length is told.
        let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
        let expected = String::from_utf16(&units[..end]).map(Some).map_err(|_| Diagnostic::InvalidText("UTF-16"));
        prop_assert_eq!(read::<Wide>(&[bytes, vec![0, 0]].concat(), TERMINATED), expected);
    }

    #[test]
    fn bytes_are_read_as_the_standard_library_reads_them(bytes in vec(any::<u8>(), 0..16)) {
        let utf8 = std::str::from_utf8(&bytes).map(|text| Some(text.to_owned())).map_err(|_| Diagnostic::InvalidText("UTF-8"));
        prop_assert_eq!(read::<Ansi>(&bytes, bytes.len().cast_signed()), utf8);
        for encoding in ENCODINGS {
            let read = encoding.decode(&bytes);
            prop_assert!(read.is_err() || bytes.len() % encoding.unit() == 0, "half a unit is no text: {encoding:?}");
            let Ok(text) = read else { continue };
            // What was read is written as the same bytes.
            let mut again = vec![MaybeUninit::new(0); bytes.len()];
            let copied = encoding.copy(&text, &mut again);
            // SAFETY: every element was set above.
            let again: Vec<u8> = again.iter().map(|byte| unsafe { byte.assume_init() }).collect();
            prop_assert_eq!((copied.consumed, copied.written, &again), (text.len(), bytes.len(), &bytes), "{:?}", encoding);
        }
    }

    #[test]
    fn four_bytes_are_a_character_or_an_error(unit in prop_oneof![any::<u32>(), 0xD000..0xE800_u32, 0x10_FFF0..0x11_0010_u32]) {
        let expected = char::from_u32(unit).map(|character| Some(character.to_string()));
        let found = with_width(Width::Four, || read::<Wide>(&unit.to_ne_bytes(), 1));
        prop_assert_eq!(found, expected.ok_or(Diagnostic::InvalidText("UTF-32")));
    }

    /// Every capacity from nothing to more than enough, at even and odd addresses.
    #[test]
    fn at_every_capacity_the_longest_start_that_fits_is_written(text in text(), shift in 1_usize..9) {
        for encoding in ENCODINGS {
            let unit = encoding.unit();
            for capacity in 0..=encoding.length(&text) + 2 * unit + 1 {
                let (written, memory) = out(encoding, &text, capacity, shift);
                let room = capacity / unit * unit;
                prop_assert_eq!(written, Written { length: encoding.length(&text), cut: encoding.length(&text) + unit > room });
                if room == 0 {
                    prop_assert!(memory.iter().all(|byte| *byte == 0xAA));
                    continue;
                }
                let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
                let fits = starts.filter(|end| encoding.length(&text[..*end]) + unit <= room).max().unwrap_or(0);
                let expected = encoded(encoding, &text[..fits]);
                prop_assert_eq!(&memory[..expected.len()], &expected[..], "{:?} in {}", encoding, capacity);
                prop_assert!(memory[expected.len()..][..unit].iter().all(|byte| *byte == 0), "not ended");
            }
        }
    }
}

/// The bytes of `text`, by the standard library.
fn encoded(encoding: Encoding, text: &str) -> Vec<u8> {
    match encoding {
        Encoding::Narrow(Charset::Utf8) => text.as_bytes().to_vec(),
        Encoding::Narrow(Charset::Latin1) => {
            text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
        }
        Encoding::Wide(Width::Two) => text.encode_utf16().flat_map(u16::to_ne_bytes).collect(),
        Encoding::Wide(Width::Four) => text.chars().flat_map(|letter| u32::from(letter).to_ne_bytes()).collect(),
    }
}
