//! The pages for people: one for each problem type, for those who follow the `type` of a problem in a browser, and one that
//! lists them all.

use super::catalogue::{ALL, ProblemType};

/// The page of the type with this slug, as HTML.
pub(crate) fn page(slug: &str) -> Option<String> {
    ALL.iter().find(|kind| kind.slug == slug).map(render)
}

/// The page that says what is here: how messages are sent, and every problem type.
pub(crate) fn index() -> String {
    let line = |kind: &ProblemType| {
        let ProblemType { slug, status, title, .. } = kind;
        format!(
            "<li><code>{}</code> <a href=\"/problems/{slug}\">{title}</a> <code>{slug}</code></li>\n",
            status.as_u16()
        )
    };
    html(
        "A Portgate gateway",
        &format!(
            "<h1>A Portgate gateway</h1>\n\
             <p>Messages are sent by <code>POST /v1/messages/{{contract}}/{{version}}</code>. What became of one is at \
             <code>GET /v1/exchanges/{{id}}</code>, and what happens is told at <code>GET /v1/events</code>. \
             <code>GET /v1/shipments/{{reference}}</code> shows what is known of a shipment. \
             <a href=\"/openapi.json\">All of it for programs</a> (OpenAPI).</p>\n\
             <h2>What can go wrong</h2>\n<ul>\n{}</ul>\n",
            ALL.iter().map(line).collect::<String>()
        ),
    )
}

fn render(kind: &ProblemType) -> String {
    let ProblemType { slug, status, title, meaning, remedy } = kind;
    html(
        title,
        &format!(
            "<p><code>{status}</code> <code>{slug}</code></p>\n<h1>{title}</h1>\n\
             <h2>What it means</h2>\n<p>{meaning}</p>\n<h2>What to do</h2>\n<p>{remedy}</p>\n"
        ),
    )
}

fn html(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>body{{font:1.05rem/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}}\
         code{{background:#8882;padding:.1em .3em;border-radius:.2em}}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}
