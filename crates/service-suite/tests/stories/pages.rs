//! The pages as a program sees them: who gets in, what every answer carries, and that they answer during an import.

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use crate::http::Client;
use crate::support::{HEADER, Served, Suite, until};

/// Pages of all kinds, each of which needs a session.
const PAGES: [&str; 23] = [
    "/",
    "/automation",
    "/automation/events",
    "/imports",
    "/imports/1",
    "/imports/1/changes",
    "/imports/1/undo",
    "/imports/1/left",
    "/imports/1/file",
    "/imports/1/problems.csv",
    "/customers",
    "/customers/1",
    "/customers/import",
    "/customers/new",
    "/customers/edit?number=1",
    "/products",
    "/settings",
    "/settings/erp-system",
    "/settings/formats",
    "/settings/own-fields",
    "/settings/own-fields/new?register=customers",
    "/settings/people",
    "/help/getting-started",
];

/// Somebody with the role, let in by the command.
pub(crate) fn person(suite: &Suite, served: &Served, role: &str) -> Client {
    let said = suite.run(&["user", "add", role, "--role", role]).ok().out.clone();
    let link = said.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    // The command knows the usual address, not the free port of this story.
    let path = link.splitn(4, '/').nth(3).unwrap();
    Client::through(served, &format!("http://{}/{path}", Client::stranger(served).host))
}

#[test]
fn nothing_but_health_and_signing_in_is_reachable_without_a_session() {
    let suite = Suite::waiting_for_customers();
    suite.import("customers.txt", format!("{HEADER}1;Alfa;Vejle;tolv;\n"));
    let served = suite.serve();
    let stranger = Client::stranger(&served);
    for page in PAGES {
        let answer = stranger.get(page);
        assert_eq!(answer.status, 303, "{page}: {answer:?}");
        assert!(answer.header("location").starts_with("/sign-in"), "{page}: {answer:?}");
        assert!(!answer.body.contains("Alfa"), "{page}: {answer:?}");
    }
    for change in ["/automation/activate", "/settings/erp-system", "/settings/people", "/customers/import"] {
        let answer = stranger.post(change, "name=customers-from-erp");
        assert!([303, 401].contains(&answer.status), "{change}: {answer:?}");
    }
    for (page, status) in
        [("/health/live", 200), ("/health/ready", 200), ("/sign-in", 200), ("/set-up/guessed", 404)]
    {
        assert_eq!(stranger.get(page).status, status, "{page}");
    }
    assert_ne!(stranger.get("/metrics").status, 200);
}

#[test]
fn the_set_up_link_works_once_and_each_role_has_its_limits() {
    let suite = Suite::waiting_for_customers();
    let served = suite.serve();
    let link = served.printed("/set-up/");
    let administrator = Client::through(&served, &link);
    assert_eq!(
        administrator.get(link.split_once(&administrator.host).unwrap().1).status,
        404,
        "a link works once"
    );
    let (viewer, operator) = (person(&suite, &served, "viewer"), person(&suite, &served, "operator"));
    for (path, statuses) in [
        ("/customers", [200, 200, 200]),
        ("/customers/import", [403, 200, 200]),
        ("/settings/people", [403, 403, 200]),
    ] {
        let answers = [&viewer, &operator, &administrator].map(|client| client.get(path).status);
        assert_eq!(answers, statuses, "{path} as viewer, operator, administrator");
    }
    for client in [&viewer, &operator] {
        assert_eq!(client.post("/automation/deactivate", "name=customers-from-erp").status, 403);
    }
    let state =
        || suite.run(&["automation", "list", "--json"]).ok().json()["items"][0]["state"]["state"].clone();
    assert_ne!(state(), "inactive");
    let answer = administrator.post("/automation/deactivate", "name=customers-from-erp");
    assert_eq!(answer.status, 303, "{answer:?}");
    until("the automation to be inactive", || state() == "inactive");
}

#[test]
fn requests_under_another_name_or_from_another_site_are_refused() {
    let suite = Suite::waiting_for_customers();
    let served = suite.serve();
    let client = Client::through(&served, &served.printed("/set-up/"));
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""] {
        assert_eq!(client.ask("GET", "/customers", &[("host", host)], "").status, 421, "{host:?}");
    }
    let port = client.host.rsplit_once(':').unwrap().1;
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}")] {
        assert_eq!(client.ask("GET", "/customers", &[("host", &host)], "").status, 200, "{host}");
    }
    let form = "name=customers-from-erp";
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        let answer = client.ask("POST", "/automation/deactivate", &[foreign], form);
        assert_eq!(answer.status, 403, "{foreign:?}: {answer:?}");
    }
    let own = format!("http://{}", client.host);
    assert_eq!(client.ask("POST", "/automation/deactivate", &[("origin", &own)], form).status, 303);
}

#[test]
fn every_answer_carries_the_headers_that_protect_it() {
    let suite = Suite::waiting_for_customers();
    suite.import("customers.txt", format!("{HEADER}1;<script>alert(1)</script>;Vejle;tolv;\n2;Beta;;;\n"));
    let served = suite.serve();
    let client = Client::through(&served, &served.printed("/set-up/"));
    for page in PAGES.iter().filter(|page| **page != "/automation/events") {
        let answer = client.get(page);
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{page}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{page}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{page}");
        assert_eq!(answer.header("cache-control"), "no-store", "{page}");
        let shown = answer.header("content-type").starts_with("text/html");
        assert!(!shown || !answer.body.contains("<script>alert"), "{page} shows a value as markup");
        assert!(
            shown || answer.header("content-disposition").starts_with("attachment;"),
            "{page}: {answer:?}"
        );
    }
    let asset = client.get("/").body.split('"').find(|part| part.starts_with("/assets/")).map(str::to_owned);
    let asset = client.get(&asset.expect("the page has a style sheet"));
    assert_eq!((asset.status, asset.header("x-content-type-options")), (200, "nosniff"));
}

#[test]
fn pages_answer_and_are_right_while_an_import_runs() {
    let suite = Suite::waiting_for_customers();
    suite.import("before.txt", format!("{HEADER}before-1;Ældste Kunde A/S;Vejle;;\n")).ok();
    let served = suite.serve();
    let client = Client::through(&served, &served.printed("/set-up/"));
    let rows: String =
        (0..200_000).map(|n| format!("{n:06};Kunde nr. {n} ApS;Åbenrå;{n},25;01-02-2020\n")).collect();
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{rows}")).unwrap();
    until("the import to begin", || suite.imports().len() == 2);

    let mut times = BTreeMap::<&str, Vec<f64>>::new();
    let mut during = 0;
    let mut unseen = jiff::Timestamp::UNIX_EPOCH;
    let mut running = true;
    while running {
        for (page, part) in [
            ("/customers", "customers"),
            ("/customers?q=aeldste", "before-1"),
            ("/customers/before-1", "Ældste Kunde A/S"),
            ("/imports", "customers.txt"),
            ("/automation", "Customers from ERP-system"),
        ] {
            let started = Instant::now();
            let answer = client.get(page);
            times.entry(page).or_default().push(started.elapsed().as_secs_f64() * 1000.0);
            assert!(answer.status == 200 && answer.body.contains(part), "{page}: {answer:?}");
            // All or nothing: nobody sees a part of an import.
            if page == "/customers" {
                let none = answer.body.contains(">1 customer<");
                assert!(none || answer.body.contains(">200,001 customers<"), "{}", answer.body);
                during += u32::from(none);
                if none {
                    unseen = jiff::Timestamp::now();
                }
            }
        }
        running = suite.imports()[1]["finished_at"].is_null();
    }
    assert!(during > 0, "no page was asked for during the import");
    let import = &suite.imports()[1];
    assert_eq!(import["created"], 200_000);
    // The end of an import is when its rows are there, not when they begin to be written; committing takes a moment.
    let time = |key: &str| import[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let (seen_running, told) =
        (unseen.duration_since(time("started_at")), time("finished_at").duration_since(time("started_at")));
    assert!(told * 2 > seen_running, "it ran for {seen_running:?} at least, and says {told:?}");
    for (page, mut times) in times {
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        println!(
            "{page:24} {:5} requests, median {:.1} ms, 95th percentile {:.1} ms",
            times.len(),
            at(50),
            at(95)
        );
    }
}
