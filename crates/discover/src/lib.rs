//! Walks files, archives and office documents, runs classify, says what lies where and what it could not open.
