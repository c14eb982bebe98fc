//! Another program's files: Tryton exports its parties by itself, and the register has what Tryton has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{SETTLE, Suite};

/// Tryton's columns, in the order of its export, and the fields they are read into.
const COLUMNS: [(&str, &str); 16] = [
    ("Code", "number"),
    ("Name", "name"),
    ("Addresses/Street", "address1"),
    ("Addresses/Attn", "contact"),
    ("Addresses/Postal Code", "postcode"),
    ("Addresses/City", "city"),
    ("Addresses/Subdivision/Name", "region"),
    ("Addresses/Country/Code", "country"),
    ("Phone", "phone"),
    ("Mobile", "mobile"),
    ("Fax", "fax"),
    ("Email", "email"),
    ("Website", "website"),
    ("Tax Identifier/Code", "tax_number"),
    ("Language/Code", "language"),
    ("Created at", "created_on"),
];

#[test]
fn what_tryton_exports_is_what_the_register_holds() {
    let python = tryton();
    let suite = Suite::new();
    suite.apply(&settings());
    let _served = suite.serve();
    let folder = suite.path("tryton");
    std::fs::create_dir(&folder).unwrap();
    let export = |which: &str| {
        let said = Command::new(&python)
            .arg(project().join("tests/tryton/erp.py"))
            .args([which.as_ref(), folder.as_os_str(), suite.exchange().join("customers.txt").as_os_str()])
            .output()
            .unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        serde_json::from_slice::<Value>(&said.stdout).unwrap()
    };

    let tryton = export("first");
    let headers: Vec<&str> = COLUMNS.iter().map(|(header, _)| *header).collect();
    assert_eq!(tryton["header"], json!(headers), "Tryton names its columns otherwise");
    let import = suite.ended(1).pop().unwrap();
    compare_all(&suite, &tryton);
    assert_counts(&import, &tryton, 0);

    let before = customers(&suite);
    let tryton = export("second");
    let import = suite.ended(2).pop().unwrap();
    compare_all(&suite, &tryton);
    assert_counts(&import, &tryton, before.len());
}

/// Each customer has, field by field, what Tryton has of it; and there are no others.
#[track_caller]
fn compare_all(suite: &Suite, tryton: &Value) {
    let mut registered = customers(suite);
    for party in tryton["customers"].as_array().unwrap() {
        let number = party["number"].as_str().unwrap();
        let customer = registered.remove(number).unwrap_or_else(|| panic!("{number} is not in the register"));
        for (_, field) in COLUMNS {
            assert_eq!(customer[field], party[field], "{field} of {number}, {}", party["name"]);
        }
    }
    assert_eq!(registered.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "Tryton does not know these");
}

/// The report counts what Tryton says that it changed. A party's further addresses are lines of their own in Tryton's
/// export, which name no party: they are refused and told, not lost in silence.
#[track_caller]
fn assert_counts(import: &Value, tryton: &Value, before: usize) {
    let number = |value: &Value| value.as_u64().unwrap();
    assert_eq!(import["state"], "done", "{import}");
    for count in ["created", "updated"] {
        assert_eq!(import[count], tryton[count], "{count}: {import}");
    }
    assert_eq!(import["refused"], tryton["further_addresses"], "{import}");
    assert_eq!(number(&import["unchanged"]), before as u64 - number(&import["updated"]), "{import}");
    let rows = tryton["customers"].as_array().unwrap().len() as u64 + number(&tryton["further_addresses"]);
    assert_eq!(number(&import["read"]), rows, "{import}");
}

/// All customers of the register, by number.
fn customers(suite: &Suite) -> BTreeMap<String, Value> {
    let list = suite.run(&["customers", "list", "--limit", "1000", "--json"]).ok().json();
    let items = list["items"].as_array().unwrap();
    items.iter().map(|customer| (customer["number"].as_str().unwrap().to_owned(), customer.clone())).collect()
}

/// A format for what Tryton's client writes; an attribute that Tryton no longer has is no longer in the register.
fn settings() -> String {
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|(header, field)| format!("  {{ from = \"{header}\", field = \"{field}\" }},\n"))
        .collect();
    format!(
        "[erp-system]\nname = \"Tryton\"\nsettle = \"{SETTLE}\"\n\n\
         [[formats]]\nname = \"Tryton parties\"\nregister = \"customers\"\ndefault = true\nfilename = \"customers.txt\"\n\
         encoding = \"utf-8\"\ndelimiter = \",\"\ndate-format = \"%d.%m.%Y %H:%M:%S\"\nblank = \"clear\"\n\
         columns = [\n{}]\n\n\
         [[automations]]\nname = \"customers-from-erp\"\nactive = true\n",
        columns.concat()
    )
}

/// The Python of an environment with Tryton in it, kept beside what Cargo builds, for the next run.
fn tryton() -> PathBuf {
    let requirements = project().join("tests/tryton/requirements.txt");
    let venv = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../tryton-venv");
    let python = venv.join("bin/python");
    let installed = venv.join("requirements.txt");
    let wanted = std::fs::read(&requirements).unwrap();
    if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(&requirements));
        std::fs::write(installed, wanted).unwrap();
    }
    python
}

#[track_caller]
fn run(command: &mut Command) {
    let said = command.output().unwrap();
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said.stderr));
}

/// The folder of the whole project.
fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
