//! Automation: choosing, switching, and states that arrive as they happen.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use register::people::Role;
use tokio_stream::StreamExt;

use crate::automation::activation::Place;
use crate::automation::status::State;
use crate::web::program::Obstacle;
use crate::web::testing::{TestSite, request};
use crate::web::tests::with_format;

#[tokio::test]
async fn an_automation_is_chosen_and_switched() {
    let site = TestSite::new();
    let cookie = site.signed_in("anna", Role::Administrator);
    let page = site.get("/automation", &cookie).await.text;
    assert!(page.contains(r#"value="customers-from-erp" checked"#), "{page}");
    assert!(page.contains("customers.txt in /srv/exchange") && page.contains("Inactive"));
    let answer = site.post("/automation/activate", &cookie, &[("name", "products-from-erp")]).await;
    assert_eq!(answer.header("location"), "/automation?chosen=products-from-erp&said=activated");
    let page = site.get(answer.header("location"), &cookie).await.text;
    assert!(page.contains(r#"value="products-from-erp" checked"#) && page.contains("Activated."), "{page}");
    assert!(page.contains("Waiting for products.txt"));
    site.post("/automation/deactivate", &cookie, &[("name", "products-from-erp")]).await;
    assert!(!site.get("/automation", &cookie).await.text.contains("Waiting for"));
}

#[tokio::test]
async fn what_is_missing_is_said_with_the_way_to_mend_it() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    for (place, link) in [
        (Place::ErpSystem, "/settings/erp-system"),
        (Place::Formats, "/settings/formats"),
        (Place::Format("ERP customers".into()), "/settings/formats/edit?name=ERP%20customers"),
    ] {
        let obstacle = Obstacle::at(&place, "Something is missing.".into());
        *site.automations.obstacles.lock().unwrap() = vec![obstacle.clone()];
        let answer = site.post("/automation/activate", &cookie, &[("name", "customers-from-erp")]).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        let page = obstacle.page.replace('>', "&#62;");
        let mend = format!("Something is missing. <a href=\"{link}\">{page}</a>");
        assert!(answer.text.contains(&mend), "{mend} in {}", answer.text);
        assert_eq!(site.get(link, &cookie).await.status, StatusCode::OK, "{link}");
    }
}

#[tokio::test]
async fn states_arrive_as_they_happen_until_the_program_stops() {
    let site = TestSite::new();
    let cookie = site.signed_in("vera", Role::Viewer);
    let asked = request(Method::GET, "/automation/events", &cookie).body(Body::empty()).unwrap();
    let mut stream = site.ask_for_more(asked).await.into_body().into_data_stream();
    let mut seen = String::new();
    // The first events are the states as they are.
    while !seen.contains("event: last-products-from-erp") {
        seen.push_str(&String::from_utf8_lossy(&stream.next().await.unwrap().unwrap()));
    }
    assert!(seen.contains("event: state-customers-from-erp\ndata: <span class=\"state \">"), "{seen}");
    site.automations.set(
        "customers-from-erp",
        State::Settling {
            file: "customers.txt".into(),
            reason: String::new(),
            quiet_ms: 4000,
            of_ms: 10_000,
            writer_unknown: false,
        },
    );
    let mut news = String::new();
    while !news.contains("event: announcement") {
        news.push_str(&String::from_utf8_lossy(&stream.next().await.unwrap().unwrap()));
    }
    assert!(news.contains("Quiet for 4 s of 10 s") && !news.contains("products"), "{news}");
    site.stop.send_replace(true);
    while stream.next().await.is_some() {}
}
