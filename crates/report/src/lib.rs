//! A judgement as terminal text, HTML and JSON, in English and Chinese.
