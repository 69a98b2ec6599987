//! The plan that the program carries.

use crate::Source;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../plans/miit-2024-2026/", $path)))),*]
    };
}

/// The built-in plan `miit-2024-2026`, as it stands in `plans/`.
#[must_use]
pub fn builtin() -> Source {
    let files = files![
        "calendars/cn.toml",
        "checks/advisories.toml",
        "checks/control.toml",
        "checks/host.toml",
        "checks/organisation.toml",
        "checks/origin.toml",
        "checks/personnel.toml",
        "checks/ransomware.toml",
        "checks/remote-maintenance.toml",
        "checks/software.toml",
        "checks/staff.toml",
        "checks/vulnerability.toml",
        "checks/windows.toml",
        "clocks/clocks.toml",
        "counters/counters.toml",
        "drills/drills.toml",
        "duties/duties.toml",
        "forms/assessment.toml",
        "forms/cac.toml",
        "forms/catalogue.toml",
        "forms/incident.toml",
        "guide/plant.toml",
        "incidents/cac.toml",
        "incidents/gbt20986.toml",
        "incidents/miit.toml",
        "incidents/regimes.toml",
        "incidents/steps.toml",
        "levels/classes.toml",
        "levels/data.toml",
        "levels/found.toml",
        "levels/matrix.toml",
        "oversight/oversight.toml",
        "penalties/penalties.toml",
        "responses/guard.toml",
        "plan.toml",
        "selection/key-enterprises.toml",
        "targets/targets.toml",
        "transfers/abroad.toml",
        "words/en-advisories.toml",
        "words/en-assessment.toml",
        "words/en-cac.toml",
        "words/en-classes.toml",
        "words/en-control.toml",
        "words/en-host.toml",
        "words/en-incidents.toml",
        "words/en-origin.toml",
        "words/en-oversight.toml",
        "words/en-programme.toml",
        "words/en-response.toml",
        "words/en-software.toml",
        "words/en-staff.toml",
        "words/en-transfers.toml",
        "words/en-windows.toml",
        "words/en.toml",
        "words/zh-advisories.toml",
        "words/zh-assessment.toml",
        "words/zh-cac.toml",
        "words/zh-classes.toml",
        "words/zh-control.toml",
        "words/zh-host.toml",
        "words/zh-incidents.toml",
        "words/zh-origin.toml",
        "words/zh-oversight.toml",
        "words/zh-programme.toml",
        "words/zh-response.toml",
        "words/zh-software.toml",
        "words/zh-staff.toml",
        "words/zh-transfers.toml",
        "words/zh-windows.toml",
        "words/zh.toml",
    ];
    Source { files: files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn the_built_in_plan_has_no_error() {
        if let Err(errors) = check(&builtin()) {
            let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{} errors\n{}", errors.len(), text.join("\n"));
        }
    }
}
