//! What the pages are about, and where their text is.

/// What a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A tour of the window.
    Window,
    /// Draw, pictures and kept digits.
    Drawing,
    /// The paper's Figure 4, and other changes of an image.
    Turning,
    /// Dropout as an approximate posterior, and its limits.
    Method,
    /// Formulas of the measures and their errors.
    Measures,
    /// Masks that leave less noise, and rankings that are decided.
    BalancedMasks,
    /// How wrong labels are found.
    LabelSuspicion,
    /// The words of the window, one by one.
    Glossary,
    /// Explanations of one image.
    Why,
    /// Calibration, detection of errors and of foreign images.
    Quality,
    /// What a person says of images, and what becomes of it.
    Marks,
    /// Where digits come from.
    Sources,
    /// Networks in ONNX, and where dropout acts in them.
    Networks,
    /// What is read and written.
    Files,
    /// Questions and the commands that answer them.
    CommandLine,
    /// Every key.
    Keys,
    /// Speed and accuracy, with the commands that measured them.
    Figures,
    /// Where other libraries give other numbers.
    NumbersElsewhere,
    /// How to work on the program.
    Contributing,
}

impl Topic {
    /// All pages, in the order in which a newcomer would read them.
    pub const ALL: [Self; 19] = [
        Self::Window,
        Self::Drawing,
        Self::Turning,
        Self::Method,
        Self::Measures,
        Self::BalancedMasks,
        Self::LabelSuspicion,
        Self::Glossary,
        Self::Why,
        Self::Quality,
        Self::Marks,
        Self::Sources,
        Self::Networks,
        Self::Files,
        Self::CommandLine,
        Self::Keys,
        Self::Figures,
        Self::NumbersElsewhere,
        Self::Contributing,
    ];

    /// Its name on the command line, which is its file's without `.md`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Drawing => "drawing",
            Self::Turning => "turning",
            Self::Method => "method",
            Self::Measures => "measures",
            Self::BalancedMasks => "balanced-masks",
            Self::LabelSuspicion => "label-suspicion",
            Self::Glossary => "glossary",
            Self::Why => "why",
            Self::Quality => "quality",
            Self::Marks => "marks",
            Self::Sources => "sources",
            Self::Networks => "networks",
            Self::Files => "files",
            Self::CommandLine => "command-line",
            Self::Keys => "keys",
            Self::Figures => "figures",
            Self::NumbersElsewhere => "numbers-elsewhere",
            Self::Contributing => "contributing",
        }
    }

    /// The topic of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    /// Its page in Markdown.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Window => include_str!("window.md"),
            Self::Drawing => include_str!("drawing.md"),
            Self::Turning => include_str!("turning.md"),
            Self::Method => include_str!("method.md"),
            Self::Measures => include_str!("measures.md"),
            Self::BalancedMasks => include_str!("balanced-masks.md"),
            Self::LabelSuspicion => include_str!("label-suspicion.md"),
            Self::Glossary => include_str!("glossary.md"),
            Self::Why => include_str!("why.md"),
            Self::Quality => include_str!("quality.md"),
            Self::Marks => include_str!("marks.md"),
            Self::Sources => include_str!("sources.md"),
            Self::Networks => include_str!("networks.md"),
            Self::Files => include_str!("files.md"),
            Self::CommandLine => include_str!("command-line.md"),
            Self::Keys => include_str!("keys.md"),
            Self::Figures => include_str!("figures.md"),
            Self::NumbersElsewhere => include_str!("numbers-elsewhere.md"),
            Self::Contributing => include_str!("contributing.md"),
        }
    }
}
