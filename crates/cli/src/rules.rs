//! `watchfire rules`: lists of products, YARA rules and Sigma rules, tried before they are used.

use crate::args::{Format, Rules, RulesVerb};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json};
use evidence::Say;
use node::RuleFault;
use serde_json::{Value, json};

pub(crate) fn run(face: &Face, a: &Rules) -> Result<u8, CliError> {
    let (paths, format) = match &a.what {
        RulesVerb::Check { paths, format } => return crate::detect::rules::check(face, paths, *format),
        RulesVerb::Test { paths, format } if crate::detect::rules::any(paths) => {
            return crate::detect::rules::test(face, paths, *format);
        }
        RulesVerb::Test { paths, format } => (paths, format),
    };
    let tried = node::rules_test(paths, &face.stop)?;
    if *format == Format::Json {
        let faults: Vec<Value> = tried.faults.iter().map(value).collect();
        print_json(&json!({
            "entries": tried.entries, "planted": tried.planted, "form_only": tried.form_only, "faults": faults,
        }));
    } else {
        for fault in &tried.faults {
            print(&face.say(&said(fault)));
        }
        let say = Say::new("cli.say.rules_tried").with("entries", tried.entries).with("planted", tried.planted);
        print(&face.say(&say.with("form_only", tried.form_only).with("faults", tried.faults.len())));
    }
    Ok(if tried.faults.is_empty() { exit::DONE } else { exit::FINDINGS })
}

fn said(fault: &RuleFault) -> Say {
    let text = |t: &str| attest::clean(t);
    match fault {
        RuleFault::Refused { file, why } => {
            Say::new("cli.say.rule_refused").with("path", text(file)).with("why", text(why))
        }
        RuleFault::NotFound { product, trace } => {
            Say::new("cli.say.rule_not_found").with("product", text(product)).with("trace", text(trace))
        }
        RuleFault::Another { product, trace, other } => {
            let say = Say::new("cli.say.rule_another").with("product", text(product)).with("trace", text(trace));
            say.with("other", text(other))
        }
    }
}

fn value(fault: &RuleFault) -> Value {
    match fault {
        RuleFault::Refused { file, why } => json!({"kind": "refused", "file": file, "why": why}),
        RuleFault::NotFound { product, trace } => json!({"kind": "not-found", "product": product, "trace": trace}),
        RuleFault::Another { product, trace, other } => {
            json!({"kind": "another", "product": product, "trace": trace, "other": other})
        }
    }
}
