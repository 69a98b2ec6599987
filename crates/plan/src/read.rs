//! A TOML tree, read with every error named.
