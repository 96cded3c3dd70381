//! Every kind of source, written by the tests themselves and read back.
