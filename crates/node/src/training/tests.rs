//! Papers and their results: which questions a session is asked, and how answers are marked.

use super::{entry, nameless, nameless_bytes, reasons, refused};
use crate::{Node, NodeError, home};
use attest::{BadRow, TestResult};
use evidence::{BATCH_LINES_MAX, Digest, Document, KeyedDigest, Rung, SessionAdded, TestBatch, TestLine, TrainingMove};
use evidence::{passes, read_training_lines, training_lines};
use plan::Course;
use std::collections::BTreeMap;
use std::path::Path;

/// What a paper is made of. Its questions are `course.paper(session, version)`.
#[derive(Debug)]
pub struct Paper {
    /// The session.
    pub session: SessionAdded,
    /// Its course, as it was when the session was announced.
    pub course: Course,
    /// A letter that tells papers of one session apart.
    pub version: String,
}

/// What came of marking.
#[derive(Debug)]
pub struct Marked {
    /// The session.
    pub session: String,
    /// The record.
    pub leaf: Digest,
    /// Lines, and how many of them passed.
    pub lines: u64,
    /// How many passed.
    pub passed: u64,
    /// Right answers of the only line, of a paper that was marked alone.
    pub right: Option<u64>,
    /// Questions of the paper.
    pub asked: u64,
    /// Lines of people who do not stand in the attendance: they do not count until they do.
    pub absent: usize,
    /// Rows that were left out.
    pub bad: Vec<BadRow>,
}

impl Node {
    /// The paper of a session.
    pub fn test_paper(&self, session: &str, version: &str) -> Result<Paper, NodeError> {
        let session = self.session(session)?.session;
        let course = self.course_of(&session)?;
        Ok(Paper { session, course, version: version.trim().to_uppercase() })
    }

    /// Marks the answers of one person.
    pub fn test_mark(
        &self,
        session: &str,
        name: &str,
        answers: &str,
        version: &str,
        author: Option<&str>,
    ) -> Result<Marked, NodeError> {
        let paper = self.test_paper(session, version)?;
        let solution = solution(&paper);
        let answers = attest::split_answers(answers);
        if answers.len() != solution.len() {
            return Err(refused(entry("answers").with("count", answers.len()).with("asked", solution.len())));
        }
        let person = attest::person(&self.store().keys().digest_key()?, name).map_err(NodeError::Entry)?;
        let right = attest::right_answers(&answers, &solution);
        let results = [TestResult { person, right }];
        let mut out = self.keep_results(&paper, &results, Rung::MachineEvidenced, None, Vec::new(), author)?;
        out.right = Some(right);
        Ok(out)
    }

    /// Takes results, or marks answers, of a table.
    pub fn test_import(
        &self,
        session: &str,
        table: &Path,
        version: &str,
        document: Option<&Path>,
        author: Option<&str>,
    ) -> Result<Marked, NodeError> {
        let paper = self.test_paper(session, version)?;
        let limits = attest::Limits { rows_max: BATCH_LINES_MAX, ..attest::Limits::default() };
        let bytes = home::read(table, limits.file_bytes_max as u64)?;
        let key = self.store().keys().digest_key()?;
        let read = attest::results(&bytes, &limits, &solution(&paper), &key);
        let read = read.map_err(|e| NodeError::Table(table.to_owned(), e))?;
        if read.results.is_empty() {
            return Err(NodeError::NoGoodRow(table.to_owned(), read.bad.into_iter().take(20).collect()));
        }
        let document = document.map_or_else(|| Ok(nameless_bytes(&bytes)), nameless)?;
        // Answers that the program marked are more than a mark that somebody wrote down.
        let rung = if read.marked { Rung::MachineEvidenced } else { Rung::Documented };
        self.keep_results(&paper, &read.results, rung, Some(document), read.bad, author)
    }

    fn keep_results(
        &self,
        paper: &Paper,
        results: &[TestResult],
        rung: Rung,
        document: Option<Document>,
        bad: Vec<BadRow>,
        author: Option<&str>,
    ) -> Result<Marked, NodeError> {
        let s = self.session(&paper.session.session)?;
        if s.withdrawn {
            return Err(refused(entry("ended").with("session", &s.session.session)));
        }
        let there = self.counted_in(&s.session.session)?;
        let (asked, pass_percent) = (paper.course.asked as u64, paper.course.pass_percent);
        let line = |r: &TestResult| TestLine {
            passed: passes(r.right, asked, pass_percent),
            person: r.person.digest,
            right: r.right,
        };
        let lines: Vec<TestLine> = results.iter().map(line).collect();
        let passed = lines.iter().filter(|l| l.passed).count() as u64;
        let (file, rows) = training_lines(&lines);
        let batch = TestBatch {
            session: s.session.session.clone(),
            rows,
            rung,
            passed,
            asked,
            pass_percent,
            document,
            left_out: reasons(&bad),
        };
        let leaf = self.train(TrainingMove::Test(batch), author, home::now(), vec![file])?;
        Ok(Marked {
            session: s.session.session,
            leaf,
            lines: rows.count,
            passed,
            right: None,
            asked,
            absent: lines.iter().filter(|l| !there.contains_key(&l.person)).count(),
            bad,
        })
    }

    /// The best result of each person of a session: right answers, questions, passed.
    pub(crate) fn results_of(&self, session: &str) -> Result<BTreeMap<KeyedDigest, (u64, u64, bool)>, NodeError> {
        let entries = self.training_entries()?;
        let gone = entries.iter().filter_map(|(_, e)| match &e.what {
            TrainingMove::Withdrawn { batch, .. } => *batch,
            _ => None,
        });
        let gone: Vec<Digest> = gone.collect();
        let mut out: BTreeMap<KeyedDigest, (u64, u64, bool)> = BTreeMap::new();
        for (leaf, e) in &entries {
            let TrainingMove::Test(t) = &e.what else { continue };
            if t.session != session || gone.contains(leaf) {
                continue;
            }
            let lines: Vec<TestLine> =
                read_training_lines(&t.rows, &self.store().artifact(t.rows.file)?).map_err(NodeError::Internal)?;
            for l in lines {
                let new = (l.right, t.asked, passes(l.right, t.asked, t.pass_percent));
                let best = out.entry(l.person).or_insert(new);
                if (new.2, new.0) > (best.2, best.0) {
                    *best = new;
                }
            }
        }
        Ok(out)
    }
}

/// The right letters, in the order of the paper.
fn solution(paper: &Paper) -> Vec<String> {
    let asked = paper.course.paper(&paper.session.session, &paper.version);
    asked.into_iter().map(|q| q.right.clone()).collect()
}
