//! Networks of any shape, as ONNX files hold them: read, with the places where dropout acts or could, and run in parts, so
//! that every mask is this program's own.
//!
//! The runtime takes and gives values anywhere in a graph: what comes before the first site is run once for an image, the
//! value that enters the site is taken out, masked, and handed back in as what leaves it. Nothing is rewritten, and the
//! graph's own dropout is never run.

mod ends;
mod error;
mod head;
mod layers;
mod nesting;
mod plan;
pub mod preprocessing;
mod read;
mod run;
mod runnable;
mod side_by_side;
mod sites;
mod structure;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rten::Model;
use rten_onnx::onnx::GraphProto;
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

use crate::data::classes::{FEWEST_CLASSES, MOST_CLASSES};
use crate::kernel::InstructionSet;

pub use ends::{Answer, ImageLayout, Input};
pub use error::{GraphError, short};
pub use head::{Activation, Head, HeadLayer};
pub use layers::{Layer, Step};
pub use plan::Plan;
pub use preprocessing::Preprocessing;
pub use run::{Carried, Runner};
pub use side_by_side::{Mask, Route};
pub use sites::{By, NamedSite, Origin, Rates, SELU_LEAST, Site, alpha_correction};

use ends::{inputs, outputs};
use error::AGAIN;
use read::Contents;
use run::{Known, Values, id, load, run};
use side_by_side::{Constants, Program};
use structure::Structure;

/// The features and the logits of an image without dropout.
pub type Plain = (Vec<f32>, Vec<f32>);

/// How far images side by side may be from the runtime's, of the largest number and beyond it.
const AGREEMENT: f32 = 1e-4;

/// A network in ONNX. Immutable; share it behind an `Arc`.
pub struct GraphModel {
    file: PathBuf,
    name: String,
    hash: [u8; 32],
    /// What wrote it: `pytorch 2.15.0`.
    producer: String,
    model: Arc<Model>,
    structure: Arc<Structure>,
    input: Input,
    /// The output it answers with, and all that the file has.
    output: String,
    outputs: Vec<String>,
    logits: String,
    answer: Answer,
    classes: usize,
    sites: Vec<Site>,
    layers: Vec<Layer>,
    /// The value before the last fully connected layer, and how many numbers it has.
    features: (String, usize),
    /// No site on.
    bare: Option<Plan>,
    /// What of it runs on this program's own kernels.
    program: Program,
    /// Whether that answers as the runtime does.
    agrees: OnceLock<bool>,
}

impl std::fmt::Debug for GraphModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GraphModel").field("file", &self.file).finish_non_exhaustive()
    }
}

impl GraphModel {
    /// Opens a file in ONNX, with the weights beside it where it has some.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or holds what cannot be run here; each says what and what to do.
    pub fn open(path: &Path) -> Result<Self, GraphError> {
        Self::open_at(path, None)
    }

    /// The same, answering with this output of several; where none is asked for, with the first that tells classes apart.
    ///
    /// # Errors
    /// As [`GraphModel::open`], and when there is no such output.
    pub fn open_at(path: &Path, output: Option<&str>) -> Result<Self, GraphError> {
        let name = path.display().to_string();
        let contents = read::read(path, &name)?;
        Self::from_contents(&contents, output, path, &name)
    }

    fn from_contents(
        contents: &Contents,
        output: Option<&str>,
        path: &Path,
        name: &str,
    ) -> Result<Self, GraphError> {
        let Contents { proto, bytes, beside, hash } = contents;
        let none = GraphProto::default();
        let graph = proto.graph.as_ref().unwrap_or(&none);
        let structure = Arc::new(Structure::of(graph, beside, name)?);
        let producer = [&proto.producer_name, &proto.producer_version]
            .into_iter()
            .flatten()
            .map(|part| short(part))
            .collect::<Vec<_>>()
            .join(" ");
        let there: Vec<String> = graph.output.iter().filter_map(|output| output.name.clone()).collect();
        let mut wanted = Vec::new();
        for output in outputs(graph, &structure, output, name)? {
            // Of several outputs, what leads to the others is not there.
            let structure = match there[..] {
                [_] => Arc::clone(&structure),
                _ => Arc::new(structure.leading_to(&output.name)),
            };
            let found = sites::find(&structure, name)?;
            wanted.push((output, structure, found));
        }
        // Optimised, it runs faster; where that removes a value that must be taken out, as it is written.
        let mut outcome = None;
        for optimise in [true, false] {
            let model = match load(bytes.clone(), beside.clone(), optimise, name) {
                Ok(model) => Arc::new(model),
                Err(error) => {
                    outcome = Some(error);
                    continue;
                }
            };
            for (at, (wanted, structure, found)) in wanted.iter().enumerate() {
                // What keeps the first from being used is said.
                let mut fail = |error: GraphError| {
                    if at == 0 || outcome.is_none() {
                        outcome = Some(error);
                    }
                };
                // Where several sizes are possible, the first that runs.
                let inputs = match inputs(graph, structure, &model, &wanted.logits, name) {
                    Ok(inputs) => inputs,
                    Err(error) => {
                        fail(error);
                        continue;
                    }
                };
                for input in inputs {
                    let mut opened = Self {
                        file: path.to_path_buf(),
                        name: name.to_owned(),
                        hash: *hash,
                        producer: producer.clone(),
                        model: Arc::clone(&model),
                        input,
                        output: wanted.name.clone(),
                        outputs: there.clone(),
                        logits: wanted.logits.clone(),
                        answer: wanted.answer,
                        classes: 0,
                        sites: Vec::new(),
                        layers: Vec::new(),
                        features: (String::new(), 0),
                        bare: None,
                        program: Program::default(),
                        agrees: OnceLock::new(),
                        structure: Arc::clone(structure),
                    };
                    match opened.find_shapes(found.clone()) {
                        Ok(()) => {
                            let constants = Constants::new(graph, structure, beside);
                            let enters = (opened.input.name.as_str(), opened.takes());
                            opened.program = Program::of(&constants, &opened.sites, enters, opened.images());
                            return Ok(opened);
                        }
                        Err(error) => fail(error),
                    }
                }
            }
        }
        Err(outcome.unwrap_or_else(|| GraphError::new(name, "it cannot be opened", AGAIN)))
    }

    /// Runs a blank image to see which shapes there are.
    fn find_shapes(&mut self, found: Vec<(Site, Option<String>)>) -> Result<(), GraphError> {
        let runner = Runner::new();
        let blank = vec![0.0; self.input.image.bytes()];
        let (mut sites, masks): (Vec<Site>, Vec<Option<String>>) = found.into_iter().unzip();
        let plan = Plan::new(&self.structure, &sites, &vec![false; sites.len()], &self.logits);
        let mut values = self.start(&blank);
        self.pass(&runner, &mut values, &plan.cuts, &mut |_, _| ())?;
        for (site, mask) in sites.iter_mut().zip(masks) {
            let [before] = &run(&self.model, &runner, &values, &[&site.before], &self.name)?[..] else {
                continue;
            };
            site.shape = self.of_one(&before.shape());
            if before.floats().is_none() {
                let problem = format!("the dropout before {} is of whole numbers", site.what);
                return Err(GraphError::new(&self.name, problem, "export it in float32"));
            }
            let Some(mask) = mask else { continue };
            let [mask] = &run(&self.model, &runner, &values, &[&mask], &self.name)?[..] else { continue };
            let drawn: usize = self.of_one(&mask.shape()).iter().product();
            site.by = match drawn {
                drawn if drawn == site.units() => By::Unit,
                drawn if Some(&drawn) == site.shape.first() => By::Channel,
                _ => {
                    let problem =
                        format!("the dropout before {} masks {drawn} of {:?}", site.what, site.shape);
                    return Err(GraphError::new(
                        &self.name,
                        problem,
                        "export it with nn.Dropout or nn.Dropout2d",
                    ));
                }
            };
        }
        self.sites = sites;
        let answers = run(&self.model, &runner, &values, &[&self.logits], &self.name)?;
        let of = answers.first().and_then(Known::floats).map(|answer| answer.shape().to_vec());
        let of = of.ok_or_else(|| {
            let problem = "its output is of whole numbers: the class alone, without probabilities";
            GraphError::new(&self.name, problem, "export the network with its logits as the output")
        })?;
        let numbers: usize = self.of_one(&of).iter().product();
        self.classes = if self.answer == Answer::OneOfTwo && numbers == 1 { 2 } else { numbers };
        if !(FEWEST_CLASSES..=MOST_CLASSES).contains(&self.classes) {
            let problem = format!("its output {} has {numbers} numbers for an image", short(&self.logits));
            let advice = format!("a network tells apart between {FEWEST_CLASSES} and {MOST_CLASSES} classes");
            return Err(GraphError::new(&self.name, problem, advice));
        }
        let shapes = |some: &[&str]| -> Option<Vec<Vec<usize>>> {
            let found = run(&self.model, &runner, &values, some, &self.name).ok()?;
            Some(found.iter().map(|value| self.of_one(&value.shape())).collect())
        };
        self.layers = layers::find(&self.structure, &self.sites, &plan.cuts, &self.logits, &shapes);
        let dense = |node: &&structure::Node| matches!(node.op.as_str(), "Gemm" | "MatMul" | "Conv");
        let last = self.structure.nodes.iter().rev().find(dense).map(|node| node.input().to_owned());
        // Without one, the logits are as good a space as there is.
        let features = last.unwrap_or_else(|| self.logits.clone());
        let found = run(&self.model, &runner, &values, &[&features], &self.name)?;
        let count = found.first().map_or(0, |value| self.of_one(&value.shape()).iter().product());
        self.features = (features, count);
        self.bare = Some(plan);
        // What is taken out in every pass must be there.
        let plan = self.plan(&self.usual());
        let carried = self.carried(&plan, &runner)?;
        let floats = self.enter(&plan, &runner, &blank)?;
        self.finish(&plan, &runner, &carried, &floats, &mut |_, _| ())?;
        Ok(())
    }

    /// The shape of one image's part of a value.
    fn of_one(&self, shape: &[usize]) -> Vec<usize> {
        let rest = shape.get(1..).unwrap_or_default();
        if shape.first() == self.input.shape.first() { rest.to_vec() } else { shape.to_vec() }
    }

    /// The file it is in.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The SHA-256 of file and weights.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// What wrote it.
    #[must_use]
    pub fn producer(&self) -> &str {
        &self.producer
    }

    /// What it takes.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Shape of one image as it takes it.
    #[must_use]
    pub fn takes(&self) -> &[usize] {
        self.input.shape.get(1..).unwrap_or_default()
    }

    /// Images it takes at a time.
    fn images(&self) -> usize {
        self.input.shape.first().copied().unwrap_or(1)
    }

    /// What its output says.
    #[must_use]
    pub fn answer(&self) -> Answer {
        self.answer
    }

    /// The output it answers with, and all outputs of the file.
    #[must_use]
    pub fn outputs(&self) -> (&str, &[String]) {
        (&self.output, &self.outputs)
    }

    /// Classes K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Numbers before the last fully connected layer: a space in which images resemble each other.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features.1
    }

    /// Where dropout acts or could, in the order data meets it.
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The operations, in their order.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Layers and, in their places between them, sites.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        layers::steps(&self.layers, &self.sites)
    }

    /// Which sites are on where nobody chose: those the file names; where it names none, the one before the last fully
    /// connected layer.
    #[must_use]
    pub fn usual(&self) -> Vec<bool> {
        let named = |site: &Site| site.origin != Origin::Possible;
        if self.sites.iter().any(named) {
            return self.sites.iter().map(named).collect();
        }
        let dense = |site: &Site| matches!(self.structure.nodes[site.node].op.as_str(), "Gemm" | "MatMul");
        let last = self.sites.iter().rposition(dense).or_else(|| self.sites.len().checked_sub(1));
        (0..self.sites.len()).map(|at| Some(at) == last).collect()
    }

    /// What to run where these sites are on.
    #[must_use]
    pub fn plan(&self, on: &[bool]) -> Plan {
        Plan::new(&self.structure, &self.sites, on, &self.logits)
    }

    /// The same with nothing left to this program's kernels.
    #[cfg(test)]
    pub(crate) fn plan_through_graph(&self, on: &[bool]) -> Plan {
        Plan::through_graph(&self.structure, self.plan(on), &self.logits)
    }

    /// A prepared image as the value that enters the graph.
    fn start(&self, image: &[f32]) -> Values {
        let shape = &self.input.shape;
        // A graph of a fixed number of images gets the same one in every place.
        let numbers: Vec<f32> = image.iter().copied().cycle().take(self.images() * image.len()).collect();
        let mut values = Values::default();
        values.set(&self.input.name, self.input.node, Known::Floats(Tensor::from_data(shape, numbers)));
        values
    }

    /// Runs to some cuts, one after the other, and hands back what `mask` makes of the values taken out.
    fn pass(
        &self,
        runner: &Runner,
        values: &mut Values,
        cuts: &[plan::Cut],
        mask: &mut dyn FnMut(usize, &mut [f32]),
    ) -> Result<(), GraphError> {
        for cut in cuts {
            let Some(mut value) = run(&self.model, runner, values, &[&cut.before], &self.name)?.pop() else {
                continue;
            };
            if let (true, Known::Floats(tensor)) = (cut.on, &value) {
                let mut numbers = tensor.to_vec();
                mask(cut.site, &mut numbers);
                value = Known::Floats(Tensor::from_data(tensor.shape(), numbers));
            }
            values.set(&cut.after, id(&self.model, &cut.after, &self.name)?, value);
        }
        Ok(())
    }

    /// The features before the last layer, and the logits, of a prepared image without dropout.
    ///
    /// # Errors
    /// When the graph cannot be run, or an answer is not finite.
    pub fn plain(&self, runner: &Runner, image: &[f32]) -> Result<Plain, GraphError> {
        let mut values = self.start(image);
        if let Some(bare) = &self.bare {
            self.pass(runner, &mut values, &bare.cuts, &mut |_, _| ())?;
        }
        let found = run(&self.model, runner, &values, &[&self.features.0, &self.logits], &self.name)?;
        let mut numbers =
            found.iter().map(|value| value.floats().map(|floats| floats.to_vec()).unwrap_or_default());
        let mut features = numbers.next().unwrap_or_default();
        features.truncate(self.features.1);
        let logits = self.logits_of(&numbers.next().unwrap_or_default())?;
        Ok((features, logits))
    }

    /// What every pass of an image starts from, by name.
    fn carry<'a>(
        &self,
        plan: &'a Plan,
        runner: &Runner,
        image: &[f32],
    ) -> Result<impl Iterator<Item = (&'a String, Known)>, GraphError> {
        let mut values = self.start(image);
        self.pass(runner, &mut values, &plan.cuts[..plan.early], &mut |_, _| ())?;
        let wanted: Vec<&str> = plan.carried.iter().map(String::as_str).collect();
        Ok(plan.carried.iter().zip(run(&self.model, runner, &values, &wanted, &self.name)?))
    }

    /// What the passes of all images start from, but for the numbers of each.
    ///
    /// # Errors
    /// When the graph cannot be run.
    pub fn carried(&self, plan: &Plan, runner: &Runner) -> Result<Carried, GraphError> {
        let mut carried = Carried { floats: Vec::new(), others: Vec::new() };
        for (name, value) in self.carry(plan, runner, &vec![0.0; self.input.image.bytes()])? {
            let id = id(&self.model, name, &self.name)?;
            match value {
                Known::Floats(_) => carried.floats.push((name.clone(), id, value.shape())),
                Known::Other(_) => carried.others.push((name.clone(), id, value)),
            }
        }
        Ok(carried)
    }

    /// The numbers that the passes of a prepared image start from, in one row.
    ///
    /// # Errors
    /// When the graph cannot be run.
    pub fn enter(&self, plan: &Plan, runner: &Runner, image: &[f32]) -> Result<Vec<f32>, GraphError> {
        let mut numbers = Vec::new();
        for (_, value) in self.carry(plan, runner, image)? {
            numbers.extend(value.floats().into_iter().flat_map(|floats| floats.to_vec()));
        }
        Ok(numbers)
    }

    /// The logits of one pass, from what is carried and the numbers of [`GraphModel::enter`]; `mask` drops from the values
    /// of a site, by its place among all.
    ///
    /// # Errors
    /// When the graph cannot be run, or an answer is not finite.
    pub fn finish(
        &self,
        plan: &Plan,
        runner: &Runner,
        carried: &Carried,
        numbers: &[f32],
        mask: &mut dyn FnMut(usize, &mut [f32]),
    ) -> Result<Vec<f32>, GraphError> {
        let mut values = Values::default();
        let mut rest = numbers;
        for (name, id, shape) in &carried.floats {
            let (own, after) = rest.split_at(rest.len().min(shape.iter().product()));
            rest = after;
            values.set(name, *id, Known::Floats(Tensor::from_data(shape, own.to_vec())));
        }
        for (name, id, value) in &carried.others {
            values.set(name, *id, value.clone());
        }
        self.pass(runner, &mut values, &plan.cuts[plan.early..], mask)?;
        let found = run(&self.model, runner, &values, &[&self.logits], &self.name)?;
        let logits = found.first().and_then(Known::floats).map(|logits| logits.to_vec()).unwrap_or_default();
        self.logits_of(&logits)
    }

    /// The way of images side by side to what passes start from; `None` where the runtime has to go it.
    #[must_use]
    pub fn entering(&self, carried: &Carried) -> Option<Route> {
        self.program.route(&[&self.input.name], &carried.names(), &[])
    }

    /// The way of images side by side to features and logits, without dropout.
    #[must_use]
    pub fn without_dropout(&self) -> Option<Route> {
        self.program.route(&[&self.input.name], &[&self.features.0, &self.logits], &[])
    }

    /// The way of images side by side from what passes start from to the logits, through the sites that are on.
    #[must_use]
    pub fn finishing(&self, plan: &Plan, carried: &Carried) -> Option<Route> {
        let put: Vec<(&str, usize)> = plan.cuts[plan.early..]
            .iter()
            .filter(|cut| cut.on && cut.before == cut.after)
            .map(|cut| (cut.before.as_str(), cut.site))
            .collect();
        self.program.route(&carried.names(), &[&self.logits], &put)
    }

    /// Whether this program's own kernels answer as the runtime does, asked once, of one image.
    #[must_use]
    pub fn agrees(&self, set: InstructionSet) -> bool {
        *self.agrees.get_or_init(|| {
            let runner = Runner::new();
            let numbers = self.input.image.bytes();
            let image: Vec<f32> = (0..numbers).map(|at| (at * 7919 % 1009) as f32 / 1009.0).collect();
            let Some(route) = self.without_dropout() else { return false };
            let Ok((mut wanted, logits)) = self.plain(&runner, &image) else { return false };
            wanted.extend(logits);
            let Ok(found) = self.plain_together(&route, set, &runner, &[&image]) else { return false };
            let found: Vec<f32> =
                found.into_iter().flat_map(|(features, logits)| [features, logits]).flatten().collect();
            let most = wanted.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
            let near = |(one, other): (&f32, &f32)| (one - other).abs() <= AGREEMENT * most + AGREEMENT;
            let agrees = found.len() == wanted.len() && wanted.iter().zip(&found).all(near);
            if !agrees {
                log::warn!(
                    "{}: run by the runtime alone, for images side by side were answered otherwise",
                    self.name
                );
            }
            agrees
        })
    }

    /// What a way leads to for up to sixteen images, from the numbers of each; `mask` says what a site does.
    #[must_use]
    pub fn together(
        &self,
        route: &Route,
        set: InstructionSet,
        runner: &Runner,
        images: &[&[f32]],
        mask: &mut dyn FnMut(usize) -> Option<Mask>,
    ) -> Vec<Vec<f32>> {
        self.program.follow(route, set, &mut runner.buffers(), images, mask)
    }

    /// Features and logits of up to sixteen prepared images without dropout.
    ///
    /// # Errors
    /// When an answer is not finite.
    pub fn plain_together(
        &self,
        route: &Route,
        set: InstructionSet,
        runner: &Runner,
        images: &[&[f32]],
    ) -> Result<Vec<Plain>, GraphError> {
        let numbers = self.together(route, set, runner, images, &mut |_| None);
        let split = |mut numbers: Vec<f32>| {
            let logits = self.logits_of(numbers.get(self.features.1..).unwrap_or_default())?;
            numbers.truncate(self.features.1);
            Ok((numbers, logits))
        };
        numbers.into_iter().map(split).collect()
    }

    /// Logits by class from the numbers of the graph's output.
    ///
    /// # Errors
    /// When one is not finite.
    pub fn logits_of(&self, numbers: &[f32]) -> Result<Vec<f32>, GraphError> {
        let logits = match (self.answer, numbers) {
            (Answer::OneOfTwo, [one, ..]) => vec![0.0, *one],
            _ => numbers.get(..self.classes).unwrap_or_default().to_vec(),
        };
        if logits.len() == self.classes && logits.iter().all(|logit| logit.is_finite()) {
            return Ok(logits);
        }
        let problem = format!("it answers {:?} to an image", numbers.iter().take(4).collect::<Vec<_>>());
        let advice =
            "a training that diverged, or numbers that overflow in half precision: export it in float32";
        Err(GraphError::new(&self.name, problem, advice))
    }
}

#[cfg(test)]
pub(crate) mod tests;
