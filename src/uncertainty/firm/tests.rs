//! Whether what is guaranteed holds.
