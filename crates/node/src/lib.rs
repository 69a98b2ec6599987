//! Wires sensors to store to judge.
