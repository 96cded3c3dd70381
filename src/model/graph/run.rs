//! A graph run from any of its values to any other.

use std::cell::{OnceCell, RefCell, RefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView, ValueView};
use rten_tensor::prelude::*;
use rten_tensor::{Tensor, TensorView};

use super::error::{GraphError, reason, short};
use super::side_by_side::Buffers;

/// The thread that runs are on: one, for images are run side by side. It is there from the first run on.
#[derive(Default)]
pub struct Runner {
    options: OnceCell<RunOptions>,
    /// Memory for images side by side.
    buffers: RefCell<Buffers>,
}

impl Runner {
    /// A thread of its own for the operations of a graph. Make one for each thread that runs graphs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn buffers(&self) -> RefMut<'_, Buffers> {
        self.buffers.borrow_mut()
    }

    fn options(&self) -> RunOptions {
        let with_thread = || {
            let mut options = RunOptions::default();
            options.thread_pool = Some(Arc::new(ThreadPool::with_num_threads(1)));
            options
        };
        self.options.get_or_init(with_thread).clone()
    }
}

/// A value of a graph.
#[derive(Clone, Debug)]
pub(super) enum Known {
    /// Floats, with their shape.
    Floats(Tensor<f32>),
    /// Whole numbers, such as shapes, and yes and no.
    Other(Value),
}

impl Known {
    fn view(&self) -> ValueOrView<'_> {
        match self {
            Self::Floats(tensor) => ValueView::from(tensor).into(),
            Self::Other(value) => ValueView::from(value).into(),
        }
    }

    /// The numbers, where they are floats.
    pub(super) fn floats(&self) -> Option<TensorView<'_, f32>> {
        match self {
            Self::Floats(tensor) => Some(tensor.view()),
            Self::Other(_) => None,
        }
    }

    /// Its shape; nothing for what has none.
    pub(super) fn shape(&self) -> Vec<usize> {
        match self {
            Self::Floats(tensor) => tensor.shape().to_vec(),
            Self::Other(value) => value.shape().to_vec(),
        }
    }
}

/// Values known so far, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    known: Vec<(String, NodeId, Known)>,
}

impl Values {
    /// Adds a value, or puts another in its place.
    pub(super) fn set(&mut self, name: &str, id: NodeId, value: Known) {
        match self.known.iter_mut().find(|(known, _, _)| known == name) {
            Some(place) => place.2 = value,
            None => self.known.push((name.to_owned(), id, value)),
        }
    }

    /// A value.
    pub(super) fn get(&self, name: &str) -> Option<&Known> {
        self.known.iter().find(|(known, _, _)| known == name).map(|(_, _, value)| value)
    }
}

/// What the passes of all images start from, but for the numbers of each.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Names, places and shapes of the values that differ from image to image.
    pub(super) floats: Vec<(String, NodeId, Vec<usize>)>,
    /// Shapes and the like: the same for every image.
    pub(super) others: Vec<(String, NodeId, Known)>,
}

impl Carried {
    /// How many numbers each image has of its own.
    #[must_use]
    pub fn width(&self) -> usize {
        self.floats.iter().map(|(_, _, shape)| shape.iter().product::<usize>()).sum()
    }

    /// Names of the values that differ from image to image.
    pub(super) fn names(&self) -> Vec<&str> {
        self.floats.iter().map(|(name, _, _)| name.as_str()).collect()
    }
}

/// Loads a graph into the runtime.
pub(super) fn load(
    bytes: Vec<u8>,
    beside: Vec<(String, Vec<u8>)>,
    optimise: bool,
    name: &str,
) -> Result<Model, GraphError> {
    let mut options = ModelOptions::with_all_ops();
    for (location, bytes) in beside {
        options.external_data(&location, bytes);
    }
    options.enable_optimization(optimise).prepack_weights(true);
    guarded(name, || options.load(bytes))
}

/// The place of a value among the runtime's nodes.
pub(super) fn id(model: &Model, name: &str, file: &str) -> Result<NodeId, GraphError> {
    model.find_node(name).ok_or_else(|| {
        let problem = format!("the value {} cannot be taken out of the graph", short(name));
        GraphError::new(file, problem, "export the network again")
    })
}

/// What the runtime makes of something. It is sound, but not made for hostile files: what it trips over is an error of the
/// file.
pub(super) fn guarded<T, Error: std::fmt::Display>(
    file: &str,
    ask: impl FnOnce() -> Result<T, Error>,
) -> Result<T, GraphError> {
    let failed = |said: String| {
        let problem = format!("it cannot be run here ({})", reason(&said));
        GraphError::new(file, problem, "export it again, with operations of the standard only and in float32")
    };
    catch_unwind(AssertUnwindSafe(ask))
        .map_err(|_| failed("the runtime gave up".to_owned()))?
        .map_err(|error| failed(error.to_string()))
}

/// Computes values from those that are known.
pub(super) fn run(
    model: &Model,
    runner: &Runner,
    values: &Values,
    wanted: &[&str],
    file: &str,
) -> Result<Vec<Known>, GraphError> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| values.get(name).is_none()).collect();
    let ids = missing.iter().map(|name| id(model, name, file)).collect::<Result<Vec<_>, _>>()?;
    let computed = if ids.is_empty() {
        Vec::new()
    } else {
        let given = values.known.iter().map(|(_, id, value)| (*id, value.view())).collect();
        guarded(file, || model.run(given, &ids, Some(runner.options())))?
    };
    let mut computed = computed.into_iter().map(known);
    let mut all = Vec::with_capacity(wanted.len());
    for name in wanted {
        match values.get(name) {
            Some(value) => all.push(value.clone()),
            None => all.extend(computed.next()),
        }
    }
    Ok(all)
}

fn known(value: Value) -> Known {
    match Tensor::<f32>::try_from(value.clone()) {
        Ok(tensor) => Known::Floats(tensor),
        Err(_) => Known::Other(value),
    }
}
