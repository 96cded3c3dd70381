//! Nothing here: the pictures are in `tests/`.
