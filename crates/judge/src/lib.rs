//! Pure judgement: plan, verified records and an instant in; findings, levels, standings and doubts out.
