//! The page of a problem type, for people who follow the `type` of a problem in a browser.

use super::catalogue::{ALL, ProblemType};

/// The page of the type with this slug, as HTML.
pub(crate) fn page(slug: &str) -> Option<String> {
    ALL.iter().find(|kind| kind.slug == slug).map(render)
}

fn render(kind: &ProblemType) -> String {
    let ProblemType { slug, status, title, meaning, remedy } = kind;
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>body{{font:1.05rem/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}}\
         code{{background:#8882;padding:.1em .3em;border-radius:.2em}}</style>\n</head>\n<body>\n\
         <p><code>{status}</code> <code>{slug}</code></p>\n<h1>{title}</h1>\n\
         <h2>What it means</h2>\n<p>{meaning}</p>\n<h2>What to do</h2>\n<p>{remedy}</p>\n</body>\n</html>\n"
    )
}
