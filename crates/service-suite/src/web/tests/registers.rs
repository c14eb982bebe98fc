//! The pages of registers: lists, records, and values that look like something else.

use axum::http::{Method, StatusCode};
use register::people::Role;

use super::with_format;
use crate::web::testing::request;

const HOSTILE: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn values_from_files_are_shown_as_text_everywhere() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    let id = site.import(&format!(
        "Nr;Navn;By;Kredit\n{HOSTILE};{HOSTILE};\"><img src=x>;{HOSTILE}\n7;{HOSTILE};O'Neill & \"Co\";5\n"
    ));
    for page in [
        "/",
        "/customers",
        "/customers/7",
        "/imports",
        &format!("/imports/{id}"),
        "/customers?q=%3Cscript%3E",
    ] {
        let answer = site.get(page, &cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(!answer.text.contains("<script>alert"), "{page}");
        assert!(!answer.text.contains("<img src=x"), "{page}");
    }
    let answer = site.get("/customers/7", &cookie).await;
    assert!(answer.text.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{}", answer.text);
    assert!(answer.text.contains("O&#39;Neill &#38; &#34;Co&#34;"), "{}", answer.text);
}

#[tokio::test]
async fn a_list_is_searched_sorted_and_paged() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    assert!(site.get("/customers", &cookie).await.text.contains("No customers yet"));
    let mut file = "Nr;Navn;By;Kredit\n".to_owned();
    for number in 0..120 {
        file.push_str(&format!(
            "{};Kunde {};{};1,50\n",
            1000 + number,
            119 - number,
            ["Århus", "Oslo"][number % 2]
        ));
    }
    site.import(&file);
    let first = site.get("/customers", &cookie).await.text;
    assert!(first.contains("120 customers") && first.contains(">1000<") && !first.contains(">1050<"));
    let next =
        first.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|link| link.contains("from="));
    let second = site.get(&next.unwrap().replace("&#38;", "&"), &cookie).await.text;
    assert!(second.contains(">1050<") && !second.contains(">1049<") && second.contains("First page"));

    let found = site.get("/customers?q=ARHUS%20kund%201008", &cookie).await.text;
    assert!(found.contains("1 of 120 customers") && found.contains(">1008<"), "{found}");
    assert!(site.get("/customers?q=nobody", &cookie).await.text.contains("Nothing found"));
    let sorted = site.get("/customers?sort=name&down=true", &cookie).await.text;
    assert!(sorted.contains("aria-sort=\"descending\""));
    let places = ["Kunde 99<", "Kunde 98<"].map(|name| sorted.find(name).unwrap());
    assert!(places[0] < places[1]);
    assert_eq!(site.get("/customers?sort=credit_limit", &cookie).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_record_shows_its_fields_and_who_changed_them() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    site.import("Nr;Navn;By;Kredit\n7;Bager Ølund;Århus;1000,50\n");
    let id = site.import("Nr;Navn;By;Kredit\n7;Bager Ølund ApS;Århus;1000,50\n");
    let page = site.get("/customers/7", &cookie).await.text;
    for part in [
        "<h1>Bager Ølund ApS</h1>",
        "1000.50",
        ">Bager Ølund</span></td>",
        &format!("<a href=\"/imports/{id}\">Import {id}</a>, line 2"),
        "<td colspan=\"3\">Created</td>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[tokio::test]
async fn keys_that_look_like_addresses_are_records_all_the_same() {
    let site = with_format();
    let cookie = site.signed_in("otto", Role::Operator);
    site.import("Nr;Navn;By;Kredit\nimport;Et;;1\nA/B?c#d;To;;1\n..;Tre;;1\nrecord;Fire;;1\n50 %;Fem;;1\n");
    let list = site.get("/customers", &cookie).await.text;
    for (address, name) in [
        ("/customers/record?number=import", "Et"),
        ("/customers/A%2FB%3Fc%23d", "To"),
        ("/customers/record?number=..", "Tre"),
        ("/customers/record?number=record", "Fire"),
        ("/customers/50%20%25", "Fem"),
    ] {
        assert!(list.contains(&format!("href=\"{address}\"")), "{address} in {list}");
        let page = site.get(address, &cookie).await;
        assert!(page.text.contains(&format!("<h1>{name}</h1>")), "{address}: {}", page.text);
    }
}

#[tokio::test]
async fn a_script_is_sent_the_part_it_asks_for_inside_the_whole_page() {
    let site = with_format();
    let cookie = site.signed_in("vera", Role::Viewer);
    site.import("Nr;Navn;By;Kredit\n7;Bager;Århus;1\n");
    let request = request(Method::GET, "/customers?q=bager", &cookie).header("hx-request", "true");
    let answer = site.ask(request.body(axum::body::Body::empty()).unwrap()).await;
    assert!(answer.text.contains("id=\"list\"") && answer.text.contains("id=\"found\""), "{}", answer.text);
}
