//! How what is shown in stages is handed over.

use std::ops::ControlFlow;

/// Is given a view whenever there is more of it, and says whether to go on.
pub type Answer<'a, View> = &'a mut dyn FnMut(View) -> ControlFlow<()>;
