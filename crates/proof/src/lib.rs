//! Verification only: Merkle proofs, checkpoints, signed envelopes; bytes in, Verified<Record> out.
