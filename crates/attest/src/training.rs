//! Lists of who attended and of what people scored (`docs/specs/training-v1.md`).
//!
//! A name leaves this room twice: as a keyed digest, for records, and as it was written, for the node's private database and
//! nothing else; [`Person`] shows no name when it is printed. No bad row repeats what stood in it: it may be a name in the wrong column.

use crate::table::{self, BadRow, Limits, TableError};
use crate::{TEXT_CHARS_MAX, bad, date};
use evidence::{BATCH_LINES_MAX, DigestKey, KeyedDigest, Say, Time};
use std::collections::BTreeMap;

const NAME: &[&str] = &["name", "full name", "person", "姓名", "参训人员", "学员", "学员姓名", "人员"];
const MARK: &[&str] = &["number", "staff number", "staff no", "mark", "id", "工号", "员工编号", "人员编号", "编号"];
const EMPLOYER: &[&str] =
    &["employer", "company", "organisation", "organization", "department", "单位", "工作单位", "部门"];
const CONTACT: &[&str] = &["contact", "phone", "mobile", "email", "联系方式", "电话", "手机", "手机号", "邮箱"];
const DAY: &[&str] = &["day", "date", "日期", "培训日期", "签到日期"];
const ATTENDED: &[&str] = &["attended", "present", "出勤", "是否出勤", "到课", "是否签到"];
const RIGHT: &[&str] = &["right", "correct", "答对", "答对题数", "正确题数"];
const PERCENT: &[&str] = &["percent", "score", "得分率", "成绩", "分数", "得分"];
const ANSWERS: &[&str] = &["answers", "答案", "作答"];
const YES: &[&str] = &["yes", "y", "true", "1", "是", "√", "✓", "到", "出勤", "已签到"];
const NO: &[&str] = &["no", "n", "false", "0", "否", "×", "缺", "缺勤", "未到", "请假"];

/// Most questions of a paper.
pub const QUESTIONS_MAX: usize = 200;

/// A person as a list or the command line names one.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// What records say.
    pub digest: KeyedDigest,
    /// Name as written.
    pub name: String,
    /// What tells people of one name apart; may be empty.
    pub mark: String,
    /// Employer; may be empty.
    pub employer: String,
    /// How to reach them; may be empty.
    pub contact: String,
}
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({})", self.digest)
    }
}

/// What people are called does not depend on how it is typed: white space, full-width Latin letters and capitals are evened out.
fn even(text: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        0x3000 => ' ',
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    };
    let text: String = text.chars().map(narrow).flat_map(char::to_lowercase).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The keyed digest of a person: domain `person`, over the evened name, a line feed and the evened mark.
#[must_use]
pub fn person_digest(key: &DigestKey, name: &str, mark: &str) -> KeyedDigest {
    key.digest("person", format!("{}\n{}", even(name), even(mark)).as_bytes())
}

/// A person from `NAME` or `NAME#MARK`. Errors, as a sentence that does not repeat it: no name, too long, control characters.
pub fn person(key: &DigestKey, typed: &str) -> Result<Person, Say> {
    let (name, mark) = typed.split_once(['#', '＃']).unwrap_or((typed, ""));
    of([name, mark, "", ""], key)
}

fn of([name, mark, employer, contact]: [&str; 4], key: &DigestKey) -> Result<Person, Say> {
    for (column, text) in [("name", name), ("number", mark), ("employer", employer), ("contact", contact)] {
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(Say::new("row.too-long").with("column", column).with("max", TEXT_CHARS_MAX));
        }
        if text.chars().any(char::is_control) {
            return Err(Say::new("row.bad-control").with("column", column));
        }
    }
    if !name.chars().any(char::is_alphabetic) {
        return Err(Say::new("row.missing-cell").with("column", "name"));
    }
    let own = |t: &str| t.trim().to_owned();
    let digest = person_digest(key, name, mark);
    Ok(Person { digest, name: own(name), mark: own(mark), employer: own(employer), contact: own(contact) })
}

/// What a list of attendance held.
#[derive(Debug)]
pub struct AttendanceList {
    /// The good rows, each person once.
    pub people: Vec<Person>,
    /// The bad rows.
    pub bad: Vec<BadRow>,
}

/// One result of a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestResult {
    /// Whose.
    pub person: Person,
    /// Right answers.
    pub right: u64,
}

/// What a list of results held.
#[derive(Debug)]
pub struct ResultList {
    /// The good rows, each person once.
    pub results: Vec<TestResult>,
    /// The bad rows.
    pub bad: Vec<BadRow>,
    /// Answers stood there and were marked here; false: the results were.
    pub marked: bool,
}

/// The columns of a table, by their headings.
struct Columns<'t> {
    heading: &'t [String],
}
impl Columns<'_> {
    fn at(&self, names: &[&str]) -> Option<usize> {
        self.heading.iter().position(|h| names.contains(&h.trim().to_lowercase().as_str()))
    }
    /// Where the answers to questions 1, 2, … stand: `1`, `Q1`, `第1题`.
    fn questions(&self, asked: usize) -> Option<Vec<usize>> {
        let one = |n: usize| {
            let names = [format!("{n}"), format!("q{n}"), format!("第{n}题")];
            self.heading.iter().position(|h| names.contains(&h.trim().to_lowercase()))
        };
        (1..=asked).map(one).collect()
    }
}

fn cell(cells: &[String], at: Option<usize>) -> &str {
    at.and_then(|n| cells.get(n)).map_or("", |c| c.trim())
}

/// Takes a row: its columns, its cells, its person.
type Take<'t> = dyn FnMut(&Columns<'_>, &[String], Person) -> Result<(), Say> + 't;

/// Calls `take` with the person of each row that has one; names every other. Where two rows are one person, the second is named.
fn people(bytes: &[u8], limits: &Limits, key: &DigestKey, take: &mut Take<'_>) -> Result<Vec<BadRow>, TableError> {
    let rows = table::rows(bytes, limits)?;
    let (_, heading) = rows.first().ok_or(TableError::Empty)?;
    let columns = Columns { heading };
    let name_at = columns.at(NAME).ok_or(TableError::Column("name"))?;
    let [mark, employer, contact] = [MARK, EMPLOYER, CONTACT].map(|names| columns.at(names));
    let mut seen: BTreeMap<KeyedDigest, u64> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (row, cells) in rows.iter().skip(1) {
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let typed = [cell(cells, Some(name_at)), cell(cells, mark), cell(cells, employer), cell(cells, contact)];
        let read = of(typed, key).and_then(|person| {
            if let Some(first) = seen.get(&person.digest) {
                return Err(Say::new("row.person-twice").with("first", first));
            }
            if seen.len() >= BATCH_LINES_MAX {
                return Err(Say::new("row.too-many").with("max", BATCH_LINES_MAX));
            }
            let digest = person.digest;
            take(&columns, cells, person)?;
            seen.insert(digest, *row);
            Ok(())
        });
        if let Err(say) = read {
            wrong.push(bad(*row, say));
        }
    }
    Ok(wrong)
}

/// Reads a list of attendance (CSV or XLSX) of a session that went from `days.0` to `days.1`. Only the name is needed; a row that says that somebody
/// was absent, or was there on another day, is named and left out.
pub fn attendance(
    bytes: &[u8],
    limits: &Limits,
    days: (Time, Time),
    key: &DigestKey,
) -> Result<AttendanceList, TableError> {
    let mut list = Vec::new();
    let bad = people(bytes, limits, key, &mut |columns, cells, person| {
        match cell(cells, columns.at(ATTENDED)).to_lowercase().as_str() {
            "" => {}
            typed if YES.contains(&typed) => {}
            typed if NO.contains(&typed) => return Err(Say::new("row.absent")),
            _ => return Err(Say::new("row.attended").with("known", [YES[0], NO[0], "是", "否"].join(", "))),
        }
        let typed = cell(cells, columns.at(DAY));
        if !typed.is_empty() {
            let day = date(typed).ok_or_else(|| Say::new("row.bad-day").with("column", "date"))?;
            if day < days.0 || days.1 < day {
                let say = Say::new("row.day-outside").with("first", days.0.date());
                return Err(say.with("last", days.1.date()));
            }
        }
        list.push(person);
        Ok(())
    })?;
    Ok(AttendanceList { people: list, bad })
}

/// How a paper is marked: one text of letters a question, such as `B` or `AC`.
#[must_use]
pub fn right_answers(answers: &[String], solution: &[String]) -> u64 {
    let letters = |text: &str| {
        let mut all: Vec<char> = even(text).chars().filter(char::is_ascii_alphabetic).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    answers.iter().zip(solution).filter(|(a, s)| !letters(s).is_empty() && letters(a) == letters(s)).count() as u64
}

/// Splits what was typed as answers: by commas, semicolons or spaces, or, without any, letter by letter.
#[must_use]
pub fn split_answers(typed: &str) -> Vec<String> {
    let typed = even(typed);
    let typed = typed.trim();
    let parts: Vec<String> =
        typed.split([',', ';', ' ', '、']).map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect();
    match parts.as_slice() {
        [one] => one.chars().map(String::from).collect(),
        _ => parts,
    }
}

/// Reads a list of results: answers (a column `answers`, or one a question: `1`, `Q1`, `第1题`), which are marked against `solution`; or right
/// answers; or a percentage.
pub fn results(bytes: &[u8], limits: &Limits, solution: &[String], key: &DigestKey) -> Result<ResultList, TableError> {
    let asked = solution.len().min(QUESTIONS_MAX);
    let (mut list, mut marked) = (Vec::new(), true);
    let mut columns_fit = true;
    let bad = people(bytes, limits, key, &mut |columns, cells, person| {
        let number = |column: &'static str, at: usize, max: usize| {
            let typed = cell(cells, Some(at)).trim_end_matches(['%', '％']);
            let read = typed.parse::<u64>().ok().filter(|n| *n <= max as u64);
            read.ok_or_else(|| Say::new("row.bad-result").with("column", column).with("max", max))
        };
        let answered = |answers: Vec<String>| {
            if answers.len() == asked {
                return Ok(right_answers(&answers, solution));
            }
            Err(Say::new("row.answers").with("count", answers.len()).with("asked", asked))
        };
        let right = if let Some(at) = columns.at(ANSWERS) {
            answered(split_answers(cell(cells, Some(at))))?
        } else if let Some(at) = columns.questions(asked) {
            answered(at.into_iter().map(|n| cell(cells, Some(n)).to_owned()).collect())?
        } else if let Some(at) = columns.at(RIGHT) {
            marked = false;
            number("right", at, asked)?
        } else if let Some(at) = columns.at(PERCENT) {
            marked = false;
            // Rounded down: a share is never made better than it is.
            number("score", at, 100)? * asked as u64 / 100
        } else {
            columns_fit = false;
            return Err(Say::new("row.missing-cell").with("column", "answers"));
        };
        list.push(TestResult { person, right });
        Ok(())
    })?;
    if !columns_fit {
        return Err(TableError::Column("answers"));
    }
    Ok(ResultList { results: list, bad, marked })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn day(text: &str) -> Time {
        Time::from_date(text).unwrap()
    }

    fn list(text: &str) -> AttendanceList {
        let days = (day("2026-03-02"), day("2026-03-03"));
        attendance(text.as_bytes(), &Limits::default(), days, &DigestKey::new(KEY)).unwrap()
    }

    #[test]
    fn one_person_is_one_however_the_name_is_typed() {
        let key = DigestKey::new(KEY);
        let same = ["张伟#1023", " 张伟 ＃１０２３", "张伟# 1023 "];
        let all: Vec<KeyedDigest> = same.iter().map(|t| person(&key, t).unwrap().digest).collect();
        assert!(all.windows(2).all(|w| w[0] == w[1]), "{all:?}");
        assert_ne!(all[0], person(&key, "张伟").unwrap().digest, "a mark tells two people apart");
        assert_eq!(person_digest(&key, "Li  Na", ""), person_digest(&key, "ＬＩ NA", ""));
        assert!(person(&key, "#17").is_err() && person(&key, "12 34").is_err() && person(&key, "a\u{1b}b").is_err());
        assert!(!format!("{:?}", person(&key, "张伟#1023").unwrap()).contains("张伟"));
    }

    #[test]
    fn every_bad_row_is_named_and_the_good_are_kept() {
        let got = list(
            "姓名,工号,单位,日期,是否出勤\n张伟,1,甲厂,2026-03-02,是\n李娜,2,,2026/3/3,\n张伟,1,,2026-03-03,是\n王芳,3,,2026-03-04,是\n,4,,,\n赵四,5,,,请假\n钱七,6,,下周,\n孙八,7,,,也许\n,,,,\n张伟,9,,,到\n",
        );
        let names: Vec<&str> = got.people.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["张伟", "李娜", "张伟"], "two people of one name, by their numbers");
        let bad: Vec<(u64, &str)> = got.bad.iter().map(|b| (b.row, b.say.key.as_str())).collect();
        let want = [
            (4, "row.person-twice"),
            (5, "row.day-outside"),
            (6, "row.missing-cell"),
            (7, "row.absent"),
            (8, "row.bad-day"),
            (9, "row.attended"),
        ];
        assert_eq!(bad, want);
        let said = format!("{:?}", got.bad);
        assert!(["张伟", "王芳", "赵四", "也许", "下周"].iter().all(|n| !said.contains(n)), "{said}");
    }

    #[test]
    fn answers_are_marked_and_results_are_taken() {
        let key = DigestKey::new(KEY);
        let solution = ["A", "BC", "D", "A"].map(str::to_owned);
        let read = |text: &str| results(text.as_bytes(), &Limits::default(), &solution, &key);
        let right = |r: &ResultList| r.results.iter().map(|x| x.right).collect::<Vec<_>>();
        let got = read("name,answers\nLi,\"a,cb,d,a\"\nWang,\"A,B,D,B\"\nZhao,ABD\n").unwrap();
        assert_eq!((right(&got), got.marked), (vec![4, 2], true));
        assert_eq!(got.bad[0].say.key, "row.answers");
        let got = read("姓名,第1题,第2题,第3题,第4题\n李,A,CB,D,\n").unwrap();
        assert_eq!(right(&got), [3]);
        // 74 % of 4 questions are 2.96: two whole questions, not three.
        let got = read("name,score\nLi,74%\nWang,75\nZhao,101\n").unwrap();
        assert_eq!((right(&got), got.marked, got.bad.len()), (vec![2, 3], false, 1));
        assert!(matches!(read("name,colour\nLi,red\n"), Err(TableError::Column("answers"))));
    }
}
