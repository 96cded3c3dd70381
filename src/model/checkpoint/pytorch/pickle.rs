//! What a pickle says, without doing what it asks for. A pickle is a program for a small stack machine that can call any
//! function of Python; here it only builds a description of what would be called, in bounded memory, and nothing runs.
//!
//! candle reads the same files, and a test compares both. It is not used here because it believes what it reads: it
//! indexes into tuples of any length, and copies what a pickle refers to twice.

use std::collections::HashMap;

/// A value, by its place in [`Pickle::nodes`]: what refers to one thing twice costs no more, and no depth is walked.
pub(super) type Id = usize;

/// A value of a pickle, as far as parameters need it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Anything that no parameter is made of.
    Other,
    Int(i64),
    Text(String),
    /// A class or function by module and name.
    Global(String, String),
    Tuple(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// Something that is kept outside: the numbers of a tensor.
    Stored(Id),
    /// What a call would give.
    Called {
        callable: Id,
        arguments: Id,
    },
}

/// What a pickle describes.
#[derive(Debug)]
pub(super) struct Pickle {
    nodes: Vec<Node>,
    root: Id,
    /// What it asks to call, by module and name.
    called: Vec<(String, String)>,
}

/// The most values: a network of eight tensors has some two hundred.
const MOST_NODES: usize = 1_000_000;

/// A place on the machine's stack.
#[derive(Clone, Copy)]
enum Slot {
    Mark,
    Value(Id),
}

/// The bytes not read yet.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("it is cut short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// A number of up to eight bytes, little-endian.
    fn number(&mut self, bytes: usize) -> Result<u64, String> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Bytes with their number before them.
    fn counted(&mut self, bytes: usize) -> Result<&'a [u8], String> {
        let count = self.number(bytes)?;
        self.take(usize::try_from(count).map_err(|_| "it is cut short")?)
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let end = self.0.iter().position(|byte| *byte == b'\n').ok_or("it is cut short")?;
        let line = self.take(end + 1)?;
        let text = std::str::from_utf8(&line[..end]).map_err(|_| "a name is not UTF-8")?;
        Ok(text.trim_end_matches('\r'))
    }
}

fn text(bytes: &[u8]) -> Node {
    Node::Text(String::from_utf8_lossy(bytes).into_owned())
}

/// Reads a pickle of any protocol.
///
/// # Errors
/// When it is no pickle, is cut short, or is far larger than parameters need.
pub(super) fn read(bytes: &[u8]) -> Result<Pickle, String> {
    let mut machine = Machine::default();
    let mut input = Input(bytes);
    loop {
        let code = input.byte()?;
        if code == b'.' {
            let root = machine.pop()?;
            return Ok(Pickle { nodes: machine.nodes, root, called: machine.called });
        }
        machine.step(code, &mut input)?;
    }
}

#[derive(Default)]
struct Machine {
    nodes: Vec<Node>,
    stack: Vec<Slot>,
    memo: HashMap<u64, Id>,
    called: Vec<(String, String)>,
}

impl Machine {
    fn push(&mut self, node: Node) -> Result<(), String> {
        if self.nodes.len() >= MOST_NODES || self.stack.len() >= MOST_NODES {
            return Err("it holds far more than a network's parameters".to_owned());
        }
        self.nodes.push(node);
        self.stack.push(Slot::Value(self.nodes.len() - 1));
        Ok(())
    }

    fn pop(&mut self) -> Result<Id, String> {
        match self.stack.pop() {
            Some(Slot::Value(id)) => Ok(id),
            Some(Slot::Mark) | None => Err("its instructions do not fit together".to_owned()),
        }
    }

    fn top(&self) -> Result<Id, String> {
        match self.stack.last() {
            Some(Slot::Value(id)) => Ok(*id),
            Some(Slot::Mark) | None => Err("its instructions do not fit together".to_owned()),
        }
    }

    /// All since the last mark, and the mark itself.
    fn since_mark(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.stack.iter().rposition(|slot| matches!(slot, Slot::Mark));
        let mark = mark.ok_or("its instructions do not fit together")?;
        let values = self.stack.drain(mark..).filter_map(|slot| match slot {
            Slot::Value(id) => Some(id),
            Slot::Mark => None,
        });
        Ok(values.collect())
    }

    fn tuple(&mut self, count: usize) -> Result<(), String> {
        let mut values = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        values.reverse();
        self.push(Node::Tuple(values))
    }

    fn put(&mut self, key: u64) -> Result<(), String> {
        let id = self.top()?;
        self.memo.insert(key, id);
        Ok(())
    }

    fn get(&mut self, key: u64) -> Result<(), String> {
        let id = *self.memo.get(&key).ok_or("it refers to something that is not there")?;
        if self.stack.len() >= MOST_NODES {
            return Err("it holds far more than a network's parameters".to_owned());
        }
        self.stack.push(Slot::Value(id));
        Ok(())
    }

    fn set(&mut self, dict: Id, items: &[Id]) {
        if let Node::Dict(pairs) = &mut self.nodes[dict] {
            pairs.extend(items.chunks_exact(2).map(|pair| (pair[0], pair[1])));
        }
    }

    fn call(&mut self, callable: Id, arguments: Id) -> Result<(), String> {
        let node = match &self.nodes[callable] {
            Node::Global(module, name) => {
                let ordered = module == "collections" && (name == "OrderedDict" || name == "defaultdict");
                self.called.push((module.clone(), name.clone()));
                if ordered { Node::Dict(Vec::new()) } else { Node::Called { callable, arguments } }
            }
            _ => Node::Called { callable, arguments },
        };
        self.push(node)
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), String> {
        self.push(Node::Global(module.to_owned(), name.to_owned()))
    }

    #[allow(clippy::too_many_lines, reason = "one line for each instruction of the machine")]
    fn step(&mut self, code: u8, input: &mut Input) -> Result<(), String> {
        match code {
            // Protocol, frame.
            0x80 => input.take(1).map(|_| ()),
            0x95 => input.take(8).map(|_| ()),
            b'(' => {
                if self.stack.len() >= MOST_NODES {
                    return Err("it holds far more than a network's parameters".to_owned());
                }
                self.stack.push(Slot::Mark);
                Ok(())
            }
            b'0' => {
                self.stack.pop();
                Ok(())
            }
            b'1' => self.since_mark().map(|_| ()),
            b'2' => {
                let id = self.top()?;
                self.stack.push(Slot::Value(id));
                Ok(())
            }
            // None, true, false, an empty list or set; floats and numbers as text.
            b'N' | 0x88 | 0x89 | b']' | 0x8f => self.push(Node::Other),
            b'G' => input.take(8).and_then(|_| self.push(Node::Other)),
            b'F' | b'L' => input.line().and_then(|_| self.push(Node::Other)),
            b'I' => {
                let number = input.line()?.parse().map_or(Node::Other, Node::Int);
                self.push(number)
            }
            b'J' => {
                let number = i64::from((input.number(4)? as u32).cast_signed());
                self.push(Node::Int(number))
            }
            b'K' => input.number(1).and_then(|number| self.push(Node::Int(number.cast_signed()))),
            b'M' => input.number(2).and_then(|number| self.push(Node::Int(number.cast_signed()))),
            0x8a => {
                let bytes = input.counted(1)?;
                self.push(whole(bytes))
            }
            0x8b => {
                let bytes = input.counted(4)?;
                self.push(whole(bytes))
            }
            // Text and bytes.
            b'X' | b'T' | b'B' => input.counted(4).and_then(|bytes| self.push(text(bytes))),
            0x8c | b'U' | b'C' => input.counted(1).and_then(|bytes| self.push(text(bytes))),
            0x8d | 0x8e | 0x96 => input.counted(8).and_then(|bytes| self.push(text(bytes))),
            b'V' | b'S' => input.line().and_then(|line| self.push(Node::Text(line.to_owned()))),
            // Collections.
            b')' => self.push(Node::Tuple(Vec::new())),
            b't' => {
                let values = self.since_mark()?;
                self.push(Node::Tuple(values))
            }
            0x85..=0x87 => self.tuple(usize::from(code - 0x84)),
            b'l' | 0x91 => self.since_mark().and_then(|_| self.push(Node::Other)),
            b'a' => self.pop().map(|_| ()),
            b'e' | 0x90 => self.since_mark().map(|_| ()),
            b'}' => self.push(Node::Dict(Vec::new())),
            b'd' => {
                let items = self.since_mark()?;
                self.push(Node::Dict(Vec::new()))?;
                self.set(self.nodes.len() - 1, &items);
                Ok(())
            }
            b's' => {
                let (value, key, dict) = (self.pop()?, self.pop()?, self.top()?);
                self.set(dict, &[key, value]);
                Ok(())
            }
            b'u' => {
                let (items, dict) = (self.since_mark()?, self.top()?);
                self.set(dict, &items);
                Ok(())
            }
            // Classes, functions, calls.
            b'c' => {
                let (module, name) = (input.line()?, input.line()?);
                self.global(module, name)
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (&self.nodes[module], &self.nodes[name]) {
                    (Node::Text(module), Node::Text(name)) => {
                        let (module, name) = (module.clone(), name.clone());
                        self.global(&module, &name)
                    }
                    _ => Err("its instructions do not fit together".to_owned()),
                }
            }
            b'i' => {
                let (module, name) = (input.line()?, input.line()?);
                self.since_mark()?;
                self.called.push((module.to_owned(), name.to_owned()));
                self.push(Node::Other)
            }
            b'o' => {
                let values = self.since_mark()?;
                let callable = *values.first().ok_or("its instructions do not fit together")?;
                self.call(callable, callable)
            }
            b'R' | 0x81 => {
                let (arguments, callable) = (self.pop()?, self.pop()?);
                self.call(callable, arguments)
            }
            0x92 => {
                let (_, arguments, callable) = (self.pop()?, self.pop()?, self.pop()?);
                self.call(callable, arguments)
            }
            // The state of an object: parameters have none that matters.
            b'b' => self.pop().map(|_| ()),
            b'Q' => {
                let id = self.pop()?;
                self.push(Node::Stored(id))
            }
            b'P' => input.line().and_then(|_| self.push(Node::Other)),
            // What is referred to again.
            b'p' => {
                let key = input.line()?.parse().map_err(|_| "it refers to something that is not there")?;
                self.put(key)
            }
            b'q' => input.number(1).and_then(|key| self.put(key)),
            b'r' => input.number(4).and_then(|key| self.put(key)),
            0x94 => self.put(self.memo.len() as u64),
            b'g' => {
                let key = input.line()?.parse().map_err(|_| "it refers to something that is not there")?;
                self.get(key)
            }
            b'h' => input.number(1).and_then(|key| self.get(key)),
            b'j' => input.number(4).and_then(|key| self.get(key)),
            other => Err(format!("it has the instruction {other:#04x}, which parameters do not need")),
        }
    }
}

/// A whole number of any length; too long ones are none that counts anything here.
fn whole(bytes: &[u8]) -> Node {
    let Some((last, _)) = bytes.split_last() else { return Node::Int(0) };
    if bytes.len() > 8 {
        return Node::Other;
    }
    let start = if *last >= 0x80 { -1 } else { 0 };
    Node::Int(bytes.iter().rev().fold(start, |number, byte| number << 8 | i64::from(*byte)))
}

impl Pickle {
    /// The value that the whole pickle describes.
    pub(super) fn root(&self) -> Id {
        self.root
    }

    /// A value.
    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    /// The values of a tuple; of anything else, none.
    pub(super) fn tuple(&self, id: Id) -> &[Id] {
        match self.node(id) {
            Node::Tuple(values) => values,
            _ => &[],
        }
    }

    /// A number that is not negative.
    pub(super) fn count(&self, id: Id) -> Option<usize> {
        match self.node(id) {
            Node::Int(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A text.
    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match self.node(id) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Module and name of a class or function.
    pub(super) fn global(&self, id: Id) -> Option<(&str, &str)> {
        match self.node(id) {
            Node::Global(module, name) => Some((module, name)),
            _ => None,
        }
    }

    /// What it asks to call, by module and name.
    pub(super) fn called(&self) -> &[(String, String)] {
        &self.called
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_call_is_described_and_not_made() {
        // c os system ( X "true" t R .
        let pickle = read(b"cos\nsystem\n(X\x04\0\0\0truetR.").unwrap();
        assert_eq!(pickle.called(), [("os".to_owned(), "system".to_owned())]);
        assert!(matches!(pickle.node(pickle.root()), Node::Called { .. }));
    }

    #[test]
    fn numbers_texts_and_dicts_are_read() {
        // {"a": (1, -2, 70000)} with the dict referred to again.
        let bytes = b"\x80\x02}q\x00X\x01\0\0\0aK\x01J\xfe\xff\xff\xff\x8a\x03\x70\x11\x01\x87s.";
        let pickle = read(bytes).unwrap();
        let Node::Dict(pairs) = pickle.node(pickle.root()) else { panic!("{pickle:?}") };
        assert_eq!((pairs.len(), pickle.text(pairs[0].0)), (1, Some("a")));
        let numbers = pickle.tuple(pairs[0].1).iter().map(|id| pickle.node(*id).clone());
        assert_eq!(numbers.collect::<Vec<_>>(), [Node::Int(1), Node::Int(-2), Node::Int(70_000)]);
        assert_eq!(whole(&[0xff]), Node::Int(-1));
    }

    #[test]
    fn what_refers_to_itself_twice_again_and_again_costs_nothing() {
        let mut bytes = b"\x80\x02K\x01q\x00".to_vec();
        for _ in 0..10_000 {
            bytes.extend(b"h\x00h\x00\x86q\x00");
        }
        bytes.push(b'.');
        assert!(read(&bytes).is_ok());
        let many = [vec![b'N'; MOST_NODES + 1], vec![b'.']].concat();
        assert!(read(&many).unwrap_err().contains("far more"));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_value_or_a_sentence(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn a_real_one_with_any_byte_changed_ends_too(at in 0_usize..28, byte in any::<u8>()) {
            let mut bytes = b"\x80\x02}q\x00X\x01\0\0\0aK\x01J\xfe\xff\xff\xff\x8a\x03\x70\x11\x01\x87s.".to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = read(&bytes);
        }
    }
}
