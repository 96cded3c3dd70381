//! Whether a file's messages are whole, and how deep they nest, found before the parser sees them: it makes room for as much
//! as a message claims to hold, and calls itself for each within another, however many a file says there are.

/// The deepest nesting that is read: a loop in a branch in a graph has ten.
const DEEPEST: usize = 32;

/// A message of the format that is parsed.
#[derive(Clone, Copy, Debug)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    ValueInfo,
    Type,
    Sequence,
    Tensor,
    TensorType,
    Shape,
    /// One that holds numbers and texts alone.
    Plain,
}

impl Message {
    /// The message that a field of this number holds; `None` of numbers and texts.
    fn field(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) => Self::Graph,
            (Self::Graph, 1) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) => Self::Tensor,
            (Self::Graph, 11..=13) => Self::ValueInfo,
            (Self::Node, 5) => Self::Attribute,
            (Self::ValueInfo, 2) | (Self::Sequence, 1) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::Type, 4) => Self::Sequence,
            (Self::TensorType, 2) => Self::Shape,
            (Self::Model, 8 | 14) | (Self::Tensor, 13) | (Self::Shape, 1) => Self::Plain,
            _ => return None,
        })
    }
}

/// Checks that a file's messages are whole and nest no deeper than those of real networks.
///
/// # Errors
/// What is wrong.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let damaged = || "it is damaged or cut short".to_owned();
    let mut within = vec![(Message::Model, bytes.len())];
    let mut at = 0;
    while let Some(&(message, end)) = within.last() {
        if at == end {
            within.pop();
            continue;
        }
        let tag = varint(bytes, &mut at).filter(|_| at <= end).ok_or_else(damaged)?;
        let skipped = match tag & 7 {
            0 => varint(bytes, &mut at).map(|_| 0),
            1 => Some(8),
            5 => Some(4),
            2 => {
                let length = varint(bytes, &mut at).and_then(|length| usize::try_from(length).ok());
                match (length, message.field(tag >> 3)) {
                    (Some(length), Some(inner)) => {
                        let inside =
                            at.checked_add(length).filter(|inside| *inside <= end).ok_or_else(damaged)?;
                        if within.len() == DEEPEST {
                            return Err("it nests graphs deeper than any network does".to_owned());
                        }
                        within.push((inner, inside));
                        Some(0)
                    }
                    (length, _) => length,
                }
            }
            _ => None,
        };
        at = skipped
            .and_then(|skipped| at.checked_add(skipped))
            .filter(|at| *at <= end)
            .ok_or_else(damaged)?;
    }
    Ok(())
}

/// A number of variable length.
fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that holds these bytes.
    fn field(number: u8, inside: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        let mut length = inside.len();
        while length >= 128 {
            bytes.push(length as u8 & 127 | 128);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend(inside);
        bytes
    }

    #[test]
    fn graphs_in_graphs_are_counted() {
        let mut graph = Vec::new();
        for deep in 0..30 {
            // A node with an attribute that is a graph.
            graph = field(1, &field(5, &field(6, &graph)));
            assert_eq!(check(&field(7, &graph)).is_ok(), 2 + 3 * (deep + 1) <= DEEPEST, "{deep}");
        }
        let mut kind = Vec::new();
        for _ in 0..100_000 {
            kind = field(4, &field(1, &kind));
        }
        assert!(check(&field(7, &field(11, &field(2, &kind)))).unwrap_err().contains("deeper"));
    }

    #[test]
    fn what_ends_too_early_is_found() {
        // A tensor whose numbers claim to be longer than the file.
        let tensor = b"\x4a\xff\xff\xff\xff\x0f";
        assert!(check(&field(7, &field(5, tensor))).is_err());
        let whole = field(7, &field(1, b"\x08\x01\x0a\x02ab"));
        assert!(check(&whole).is_ok());
        for length in 1..whole.len() {
            assert!(check(&whole[..length]).is_err(), "{length}");
        }
        assert!(check(b"\x08").is_err() && check(b"\x0b").is_err() && check(&[0xff; 11]).is_err());
        assert!(check(b"").is_ok());
    }
}
