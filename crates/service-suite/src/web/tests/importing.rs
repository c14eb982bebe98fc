//! The ledger's pages and downloads, and importing by hand.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use erpfile::Problem;
use register::db::Conn;
use register::imports::{self, NewImport, ProofItem, ProofResult, Step};
use register::people::Role;

use super::with_format;
use crate::automation::status::LastCounts;
use crate::web::program::{Check, CheckState, Outlook, Progress, Source, WouldChange};
use crate::web::testing::{TestSite, new_import, request};

const FILE: &str = "Nr;Navn;By;Kredit\n7;Bager Ølund;Århus;x\n8;Smed;Oslo;2,50\n;=1+2;Oslo;1\n";

#[tokio::test]
async fn an_import_tells_what_became_of_every_row() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    assert!(site.get("/imports", &cookie).await.text.contains("Nothing has been imported yet"));
    let id = site.import(FILE);
    let page = site.get(&format!("/imports/{id}"), &cookie).await.text;
    for part in
        ["<h1>customers.txt</h1>", "Customers from ERP-system", "ERP customers, version 1", "2 problems"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.contains("not-a-number (1)") && page.contains("missing-key (1)"), "{page}");
    let one = site.get(&format!("/imports/{id}?code=not-a-number"), &cookie).await.text;
    assert!(
        one.contains("1 of 2 problems") && !one.contains("<code class=\"soft small nowrap\">missing-key")
    );
    let list = site.get("/imports?state=done&automation=customers-from-erp", &cookie).await.text;
    assert!(list.contains(&format!("href=\"/imports/{id}\"")) && list.contains("class=\"chart\""));
    assert!(site.get("/imports?state=held", &cookie).await.text.contains("No such import"));
}

#[tokio::test]
async fn the_proof_of_an_import_shows_what_passed_what_failed_and_what_nobody_knows() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    let item =
        |check: &str, result| ProofItem { check: check.into(), result, detail: format!("why {check}") };
    let proof = [
        item("quiet", ProofResult::Passed),
        item("no local writer", ProofResult::Unknown),
        item("trailer", ProofResult::Failed),
    ];
    let waiting = site.site.database.write(|c| {
        let id = imports::begin(c, &new_import(c, 1)?)?;
        imports::set_proof(c, id, &proof)?;
        Ok::<_, register::db::DbError>(id)
    });
    let address = format!("/imports/{}", waiting.unwrap());
    let shows_all = |page: &str| {
        let rows = [("Passed", "Quiet"), ("Unknown", "No local writer"), ("Failed", "Trailer")];
        for (word, check) in rows {
            let row = page.split("<li>").find(|row| row.contains(&format!("<span>{check}</span>")));
            assert!(row.is_some_and(|row| row.contains(word)), "{check} {word}: {page}");
        }
        assert!(page.contains("Why trailer."), "{page}");
    };
    shows_all(&site.get(&address, &cookie).await.text);
    let at = (site.site.clock)();
    let refused = |c: &Conn| imports::refuse(c, 1, "The trailer is missing.", None, at);
    site.site.database.write(refused).unwrap();
    shows_all(&site.get(&address, &cookie).await.text);
}

#[tokio::test]
async fn the_page_of_an_import_shows_where_its_file_lies() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    let data = site.folder.path().display().to_string();
    let id = site.import(FILE);
    let identity = |claimed: bool, name: &str| {
        format!(
            "{{\"folder\":\"/srv/exchange\",\"name\":\"{name}\",\"size\":1,\"modified\":[1,0],\"changed\":[1,0],\"device\":1,\
             \"inode\":1,\"claimed\":{claimed}}}"
        )
    };
    let as_it_is = |kept: Option<&str>, identity: Option<String>, step: Step| {
        let change = |c: &Conn| {
            imports::set_kept_path(c, id, kept)?;
            imports::set_identity(c, id, identity.as_deref().unwrap_or_default())?;
            imports::set_step(c, id, step)
        };
        site.site.database.write(change).unwrap();
    };
    let claimed = || Some(identity(true, ".customers.txt.1"));
    let left = || Some(identity(false, "customers.txt"));
    for (kept, identity, step, paths) in [
        (None, claimed(), Step::Claimed, vec!["/srv/exchange/.customers.txt.1".to_owned()]),
        (
            None,
            claimed(),
            Step::Committed,
            vec!["/srv/exchange/.customers.txt.1".into(), format!("{data}/spool/{id}")],
        ),
        (Some("archive/a.txt"), claimed(), Step::Finished, vec![format!("{data}/archive/a.txt")]),
        (Some("/srv/archive/a.txt"), None, Step::Finished, vec!["/srv/archive/a.txt".into()]),
        (None, left(), Step::Finished, vec!["/srv/exchange/customers.txt".into()]),
        (None, claimed(), Step::Finished, vec![]),
    ] {
        as_it_is(kept, identity, step);
        let page = site.get(&format!("/imports/{id}"), &cookie).await.text;
        let shown: Vec<&str> =
            page.split("<code id=\"path-").skip(1).map(|part| &part[3..part.find('<').unwrap()]).collect();
        assert_eq!(shown, paths);
        assert_eq!(page.contains("The file is no longer kept."), paths.is_empty());
    }
    let page = site.get("/automation", &cookie).await.text;
    assert!(page.contains("id=\"exchange-folder\">/srv/exchange</code>"), "{page}");
    assert!(page.contains("id=\"path-customers-from-erp\">/srv/exchange/customers.txt</code>"), "{page}");
}

#[tokio::test]
async fn an_operator_imports_the_kept_file_again_and_a_form_sent_twice_imports_once() {
    let site = with_format();
    let (vera, otto) = (site.signed_in("vera", Role::Viewer), site.signed_in("otto", Role::Operator));
    let id = site.import(FILE);
    let address = format!("/imports/{id}");
    let finish = |id| site.site.database.write(|c| imports::set_step(c, id, Step::Finished)).unwrap();
    let offered = |page: &str| page.contains(&format!("action=\"{address}/again\""));
    let page = site.get(&address, &otto).await.text;
    assert!(!offered(&page) && page.contains("still to be put away"), "{page}");
    finish(id);
    let page = site.get(&address, &otto).await.text;
    assert!(offered(&page) && page.contains("Its values become current again"), "{page}");
    assert!(
        page.contains("in the format &#34;ERP customers&#34;, as before") && !page.contains("name=\"last\""),
        "{page}"
    );
    assert!(!offered(&site.get(&address, &vera).await.text));
    let answer = site.post(&format!("{address}/again"), &otto, &[]).await;
    assert_eq!(answer.header("location"), "/imports/8");

    let begin = |c: &Conn| {
        imports::begin(c, &NewImport { again_of: Some(id), automation: None, ..new_import(c, 1)? })
    };
    let again = site.site.database.write(begin).unwrap();
    let page = site.get(&address, &otto).await.text;
    assert!(page.contains(&format!("Made again as <a href=\"/imports/{again}\"")), "{page}");
    assert!(page.contains(&format!("name=\"last\" value=\"{again}\"")), "{page}");
    site.post(&format!("{address}/again"), &otto, &[("last", &again.to_string())]).await;
    let asked = [(id, None, "otto".to_owned()), (id, Some(again), "otto".to_owned())];
    assert_eq!(*site.imports.again.lock().unwrap(), asked);
    let page = site.get(&format!("/imports/{again}"), &otto).await.text;
    assert!(page.contains(&format!("import {id} again, by automation")), "{page}");
    let list = site.get("/imports", &otto).await.text;
    assert!(list.contains(&format!("import {id} again, by automation")), "{list}");

    site.site.database.write(|c| imports::set_kept_path(c, id, None)).unwrap();
    let page = site.get(&address, &otto).await.text;
    assert!(!offered(&page) && page.contains("is no longer kept"), "{page}");
    assert_eq!(site.post("/imports/99/again", &otto, &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn files_and_problems_are_downloads_and_never_pages() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    let id = site.import(FILE);
    let file = site.get(&format!("/imports/{id}/file"), &cookie).await;
    assert_eq!(file.text, FILE);
    assert_eq!(file.header("content-length"), FILE.len().to_string());
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"customers.txt\"; filename*=UTF-8''customers.txt"
    );
    let problems = site.get(&format!("/imports/{id}/problems.csv"), &cookie).await;
    assert!(problems.header("content-disposition").starts_with("attachment; filename=\"import-"));
    let lines: Vec<_> = problems.text.lines().collect();
    assert_eq!(lines[0], "line,column,field,value,code,message,hint,original");
    assert!(lines[1].starts_with("2,4,credit_limit,x,not-a-number,"), "{}", lines[1]);
    assert!(lines[1].ends_with(",7;Bager Ølund;Århus;x"), "{}", lines[1]);
    assert_eq!(lines.len(), 3);
    for (what, begin) in [("problems.xlsx", "PK"), ("problems.json", "{\"items\":[\n{")] {
        let answer = site.get(&format!("/imports/{id}/{what}"), &cookie).await;
        assert!(answer.header("content-disposition").contains(what), "{what}");
        assert!(answer.text.starts_with(begin), "{what}: {}", answer.text);
    }
    let refused = site.get(&format!("/imports/{id}/refused"), &cookie).await;
    assert_eq!(refused.header("content-type"), "application/octet-stream");
    let header = FILE.lines().next().unwrap();
    assert!(refused.text.starts_with(&format!("{header}\n7;Bager Ølund;Århus;x\n")), "{}", refused.text);
    let page = site.get(&format!("/imports/{id}"), &cookie).await.text;
    assert!(page.contains("Download refused rows"), "{page}");

    std::fs::remove_file(site.folder.path().join("kept.txt")).unwrap();
    let gone = site.get(&format!("/imports/{id}/file"), &cookie).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text.contains("no longer kept"));
}

#[tokio::test]
async fn warnings_are_downloaded_with_the_other_problems_though_no_row_was_refused() {
    let site = with_format();
    site.settings(&format!(
        "{}[[formats.columns]]\nfrom = \"Oprettet\"\nfield = \"created_on\"\n",
        super::SETTINGS
    ));
    let cookie = site.signed_in("vera", Role::Viewer);
    let id = site.import("Nr;Navn;By;Kredit;Oprettet\n7;Smed;Oslo;1;1860-01-31\n");
    let page = site.get(&format!("/imports/{id}"), &cookie).await.text;
    assert!(page.contains("Warnings</dt><dd>1"), "{page}");
    let csv = site.get(&format!("/imports/{id}/problems.csv"), &cookie).await.text;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2, "{csv}");
    assert!(lines[1].starts_with("2,5,created_on,1860-01-31,warning-") && lines[1].ends_with(','), "{csv}");
}

#[tokio::test]
async fn every_problem_is_downloaded_however_many_there_are() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    let rows: String = (1..=5000).map(|n| format!("{n};Name of customer {n};City;no number\n")).collect();
    let id = site.import(&format!("Nr;Navn;By;Kredit\n{rows}"));
    let answer = site.get(&format!("/imports/{id}/problems.csv"), &cookie).await;
    let lines: Vec<_> = answer.text.lines().skip(1).collect();
    assert_eq!(lines.len(), 5000);
    for (n, line) in (1..).zip(lines) {
        let end = format!(",{n};Name of customer {n};City;no number");
        assert!(line.starts_with(&format!("{},4,", n + 1)) && line.ends_with(&end), "{line}");
    }
}

pub(super) fn checked(site: &TestSite, source: Source, state: CheckState) {
    let check = Check {
        register: "customers".into(),
        file: "kunder <ny>.txt".into(),
        source,
        format: "ERP customers".into(),
        changes_only: None,
        at: (site.site.clock)(),
        state,
    };
    site.imports.checks.lock().unwrap().insert("check-1".into(), check);
}

#[tokio::test]
async fn a_file_is_sent_looked_at_and_imported() {
    let site = with_format();
    let cookie = site.signed_in("otto", Role::Operator);
    let page = site.get("/customers/import", &cookie).await.text;
    assert!(page.contains("ERP customers (default)"), "{page}");
    let parts = [("format", None, "ERP customers"), ("file", Some("C:\\ud\\kunder.txt"), FILE)];
    let answer = site.send("/customers/import", &cookie, &parts).await;
    assert_eq!(answer.header("location"), "/customers/import/check-1", "{}", answer.text);
    let (upload, path) = site.imports.uploads.lock().unwrap().pop().unwrap();
    assert_eq!((upload.file.as_str(), upload.format.as_deref()), ("kunder.txt", Some("ERP customers")));
    assert_eq!(std::fs::read_to_string(path).unwrap(), FILE);

    checked(&site, Source::Sent, CheckState::Queued(1));
    let page = site.get("/customers/import/check-1", &cookie).await.text;
    for part in ["1 more comes before it", "hx-trigger=\"every 1s\"", "/customers/import/check-1/cancel"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    checked(&site, Source::Sent, CheckState::Running(Progress { phase: "Comparing".into(), percent: 43 }));
    let page = site.get("/customers/import/check-1", &cookie).await.text;
    assert!(page.contains("Comparing: 43 %") && page.contains("hx-trigger=\"every 1s\""), "{page}");

    let change = WouldChange {
        line: Some(3),
        number: "8".into(),
        kind: register::compare::PreviewKind::Updated,
        fields: vec![("city".into(), Some("Oslo".into()), None)],
    };
    let problem = Problem::new("not-a-number", "\"x\" is not a number.", "Mend it.").at_line(2);
    let outlook = Outlook {
        counts: LastCounts { read: 3, updated: 1, refused: 2, ..LastCounts::default() },
        changes: vec![change],
        problems: vec![problem],
        ..Outlook::default()
    };
    let progress = async || {
        let asked = request(Method::GET, "/customers/import/check-1", &cookie).header("hx-request", "true");
        site.ask(asked.header("hx-target", "progress").body(Body::empty()).unwrap()).await
    };
    assert!(progress().await.text.contains("id=\"progress\""));
    checked(&site, Source::Sent, CheckState::Known(Box::new(outlook)));
    assert_eq!(progress().await.header("hx-refresh"), "true", "the page is another one now");
    let page = site.get("/customers/import/check-1", &cookie).await.text;
    for part in [
        "To be refused",
        "class=\"was\">Oslo</td>",
        "<td>City</td>",
        "is not a number",
        "kunder &#60;ny&#62;.txt",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("hx-trigger"));
    let elsewhere = site.post("/products/import/check-1/start", &cookie, &[]).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "another register's address imports nothing");
    let answer = site.post("/customers/import/check-1/start", &cookie, &[]).await;
    assert_eq!(answer.header("location"), "/imports/7");
    assert_eq!(site.get("/products/import/check-1", &cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_upload_that_is_too_large_or_missing_leaves_nothing_behind() {
    let site = with_format();
    let cookie = site.signed_in("otto", Role::Operator);
    site.settings(&format!("[limits]\nupload = 2000\n{}", super::SETTINGS));
    let long = "x".repeat(5000);
    let answer = site.send("/customers/import", &cookie, &[("file", Some("a.txt"), &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("Files of up to 2.0 kB"), "{}", answer.text);
    let answer = site.send("/customers/import", &cookie, &[("file", Some(""), "")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("No file was chosen") && answer.text.contains("/customers/import"));
    assert_eq!(std::fs::read_dir(&site.site.uploads).unwrap().count(), 0);
    assert!(site.imports.uploads.lock().unwrap().is_empty());
}
