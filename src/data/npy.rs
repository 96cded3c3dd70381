//! One numpy array in its file format: the header, and numbers of any type. Python objects are refused, never read.

use std::fmt;
use std::io::Read;

/// The longest header that is read, in bytes: numpy's own are below 200.
const LONGEST_HEADER: usize = 1 << 16;

/// What kind of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Unsigned,
    Signed,
    Float,
}

/// The type of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    /// Bytes of a number: 1, 2, 4 or 8.
    pub(crate) bytes: usize,
    big_endian: bool,
}

impl Type {
    /// Numbers of this type in these bytes.
    pub(crate) fn numbers(self, bytes: &[u8]) -> impl Iterator<Item = f64> + '_ {
        bytes.chunks_exact(self.bytes).map(move |one| self.number(one))
    }

    fn number(self, bytes: &[u8]) -> f64 {
        let mut word = 0_u64;
        for (place, byte) in bytes.iter().enumerate() {
            let shift = if self.big_endian { bytes.len() - 1 - place } else { place };
            word |= u64::from(*byte) << (8 * shift);
        }
        match (self.kind, self.bytes) {
            (Kind::Bool | Kind::Unsigned, _) => word as f64,
            (Kind::Signed, 1) => f64::from((word as u8).cast_signed()),
            (Kind::Signed, 2) => f64::from((word as u16).cast_signed()),
            (Kind::Signed, 4) => f64::from((word as u32).cast_signed()),
            (Kind::Signed, _) => word.cast_signed() as f64,
            (Kind::Float, 2) => half::f16::from_bits(word as u16).to_f64(),
            (Kind::Float, 4) => f64::from(f32::from_bits(word as u32)),
            (Kind::Float, _) => f64::from_bits(word),
        }
    }

    pub(crate) fn is_bytes(self) -> bool {
        self.kind == Kind::Unsigned && self.bytes == 1
    }

    pub(crate) fn is_whole(self) -> bool {
        self.kind != Kind::Float
    }
}

/// The header of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) number: Type,
    pub(crate) shape: Vec<u64>,
    /// Bytes before the numbers.
    pub(crate) bytes: u64,
}

impl Header {
    /// Bytes of the numbers.
    pub(crate) fn body_bytes(&self) -> u64 {
        self.shape.iter().fold(self.number.bytes as u64, |all, side| all.saturating_mul(*side))
    }
}

impl fmt::Display for Header {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let kind = match self.number.kind {
            Kind::Bool => "bool".to_owned(),
            Kind::Unsigned => format!("uint{}", 8 * self.number.bytes),
            Kind::Signed => format!("int{}", 8 * self.number.bytes),
            Kind::Float => format!("float{}", 8 * self.number.bytes),
        };
        write!(formatter, "{kind} {:?}", self.shape)
    }
}

/// Why an array cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Python objects, which could run code.
    Objects,
    /// Text, dates, records: nothing with images or labels.
    Other(String),
}

/// Reads the header of an array; what is no number is a refusal. An error says how the array is damaged.
pub(crate) fn read_header(from: &mut impl Read) -> Result<Result<Header, Refusal>, String> {
    let damaged = |what: &str| what.to_owned();
    let mut exact = |bytes: usize| {
        let mut buffer = vec![0; bytes];
        from.read_exact(&mut buffer).map_err(|_| damaged("its header is cut short"))?;
        Ok::<_, String>(buffer)
    };
    let start = exact(8)?;
    if !start.starts_with(b"\x93NUMPY") {
        return Err(damaged("it does not begin as numpy's arrays do"));
    }
    let (length, before) = if start[6] == 1 {
        let word = exact(2)?;
        (usize::from(u16::from_le_bytes([word[0], word[1]])), 10)
    } else {
        let word = exact(4)?;
        (u32::from_le_bytes([word[0], word[1], word[2], word[3]]) as usize, 12)
    };
    if length > LONGEST_HEADER {
        return Err(damaged("its header is too long"));
    }
    let text = exact(length)?;
    let text = String::from_utf8_lossy(&text);
    let field = |key: &str| {
        let (_, rest) = text.split_once(&format!("'{key}':"))?;
        Some(rest.trim_start())
    };
    let descr = field("descr").ok_or_else(|| damaged("it has no type"))?;
    let Some(descr) = descr.strip_prefix('\'').and_then(|rest| rest.split('\'').next()) else {
        return Ok(Err(Refusal::Other("records".to_owned())));
    };
    let number = match number_type(descr) {
        Ok(number) => number,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let shape =
        field("shape").and_then(|rest| rest.strip_prefix('(')).and_then(|rest| rest.split(')').next());
    let sides = shape.ok_or_else(|| damaged("it has no shape"))?.split(',').map(str::trim);
    let shape: Result<Vec<u64>, _> = sides.filter(|side| !side.is_empty()).map(str::parse).collect();
    let shape = shape.map_err(|_| damaged("its shape is no list of numbers"))?;
    let is_fortran = field("fortran_order").is_some_and(|rest| rest.starts_with("True"));
    if is_fortran && shape.len() > 1 {
        return Ok(Err(Refusal::Other(
            "numbers in Fortran's order; save numpy.ascontiguousarray of it".to_owned(),
        )));
    }
    Ok(Ok(Header { number, shape, bytes: before + length as u64 }))
}

fn number_type(descr: &str) -> Result<Type, Refusal> {
    if descr.contains('O') {
        return Err(Refusal::Objects);
    }
    let other = || Refusal::Other(format!("values of type {descr}"));
    let mut letters = descr.chars();
    let mark = letters.next().ok_or_else(other)?;
    let kind = match letters.next() {
        Some('b') => Kind::Bool,
        Some('u') => Kind::Unsigned,
        Some('i') => Kind::Signed,
        Some('f') => Kind::Float,
        _ => return Err(other()),
    };
    let bytes = letters.as_str().parse().map_err(|_| other())?;
    let possible = match kind {
        Kind::Bool => bytes == 1,
        Kind::Float => [2, 4, 8].contains(&bytes),
        _ => [1, 2, 4, 8].contains(&bytes),
    };
    if !possible || !['<', '>', '|', '='].contains(&mark) {
        return Err(other());
    }
    Ok(Type { kind, bytes, big_endian: mark == '>' })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Result<Result<Header, Refusal>, String> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        read_header(&mut &bytes[..])
    }

    #[test]
    fn a_header_says_type_and_shape() {
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 28, 28), }\n";
        let found = header(text).unwrap().unwrap();
        assert_eq!(
            (found.to_string().as_str(), found.bytes),
            ("float32 [3, 28, 28]", 10 + text.len() as u64)
        );
        assert_eq!(found.body_bytes(), 3 * 784 * 4);
        let one = header("{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }").unwrap().unwrap();
        assert_eq!((one.shape, one.number.is_bytes()), (vec![5], true));
    }

    #[test]
    fn objects_records_and_nonsense_are_told_apart() {
        let descr =
            |descr: &str| header(&format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (2,), }}"));
        assert_eq!(descr("'|O'").unwrap(), Err(Refusal::Objects));
        assert!(matches!(descr("'<U5'").unwrap(), Err(Refusal::Other(_))));
        assert!(matches!(descr("[('a', '<i4')]").unwrap(), Err(Refusal::Other(_))));
        assert!(header("{'descr': '<i8', 'shape': (a,)}").unwrap_err().contains("no list of numbers"));
        assert!(header("").unwrap_err().contains("no type"));
        assert!(read_header(&mut &b"\x93NUM"[..]).is_err());
    }

    #[test]
    fn numbers_of_any_type_are_read() {
        for (descr, bytes, number) in [
            ("<i2", vec![0xfe, 0xff], -2.0),
            (">i2", vec![0xff, 0xfe], -2.0),
            ("|i1", vec![0xff], -1.0),
            ("<u4", vec![1, 0, 0, 0x80], 2_147_483_649.0),
            (">i8", vec![0, 0, 0, 0, 0, 0, 1, 0], 256.0),
            ("<f2", vec![0, 0x3c], 1.0),
            (">f4", vec![0x3f, 0, 0, 0], 0.5),
            ("<f8", vec![0, 0, 0, 0, 0, 0, 0xe0, 0x3f], 0.5),
            ("|b1", vec![1], 1.0),
        ] {
            let found: Vec<f64> = number_type(descr).unwrap().numbers(&bytes).collect();
            assert_eq!(found, [number], "{descr}");
        }
    }
}
