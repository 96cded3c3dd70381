//! Graphs written by hand, and every way one can be bad.
