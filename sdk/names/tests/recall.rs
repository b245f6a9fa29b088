//! x
use portgate_names::*;
use std::fs;
use std::path::Path;

fn names() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/screening");
    let mut all = Vec::new();
    let csvfield = |line: &str, n: usize| -> Option<String> {
        let mut fields = Vec::new();
        let mut cur = String::new();
        let mut q = false;
        for c in line.chars() {
            match c {
                '"' => q = !q,
                ',' if !q => {
                    fields.push(std::mem::take(&mut cur));
                }
                c => cur.push(c),
            }
        }
        fields.push(cur);
        fields.get(n).cloned()
    };
    for (f, n) in [
        ("ofac-sdn-csv/moov-io_vessels-sdn.csv", 1),
        ("ofac-sdn-csv/moov-io_individuals-sdn.csv", 1),
        ("ofac-sdn-csv/moov-io_individuals-alt.csv", 3),
        ("ofac-sdn/alt.csv", 3),
        ("ofac-sdn/sdn.csv", 1),
        ("name-match-tests/opensanctions_yente_positives_un_untreated.csv", 0),
    ] {
        let text = String::from_utf8_lossy(&fs::read(root.join(f)).unwrap()).into_owned();
        for l in text.lines() {
            if let Some(x) = csvfield(l, n) {
                if x.trim().len() > 1 {
                    all.push(x);
                }
            }
        }
    }
    let text = String::from_utf8_lossy(&fs::read(root.join("us-bis-dpl/moov-io_bench_dpl.txt")).unwrap()).into_owned();
    for l in text.lines().skip(1) {
        all.push(l.split('\t').next().unwrap().trim_matches('"').trim().to_owned());
    }
    all.sort();
    all.dedup();
    all
}
struct R(u64);
impl R {
    fn n(&mut self, m: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % m.max(1)
    }
}

fn typo(name: &str, r: &mut R) -> String {
    let mut c: Vec<char> = name.chars().collect();
    let letters: Vec<usize> = (0..c.len()).filter(|i| c[*i].is_alphabetic()).collect();
    if letters.is_empty() {
        return name.to_owned();
    }
    let at = letters[r.n(letters.len())];
    let l = (b'a' + r.n(26) as u8) as char;
    match r.n(4) {
        0 => {
            c.remove(at);
        }
        1 => c.insert(at, l),
        2 => c[at] = l,
        _ => {
            if at + 1 < c.len() {
                c.swap(at, at + 1)
            }
        }
    }
    c.into_iter().collect()
}
fn swap(name: &str, r: &mut R) -> String {
    let mut w: Vec<&str> = name.split_whitespace().collect();
    if w.len() < 2 {
        return name.to_owned();
    }
    let a = r.n(w.len());
    let b = (a + 1 + r.n(w.len() - 1)) % w.len();
    w.swap(a, b);
    w.join(" ")
}
fn translit(name: &str, r: &mut R) -> String {
    let mut s = name.to_lowercase();
    let rules = [
        ("muhammad", "mohamed"),
        ("mohammad", "muhammed"),
        ("q", "k"),
        ("ou", "u"),
        ("u", "ou"),
        ("ee", "i"),
        ("y", "i"),
        ("i", "y"),
        ("w", "v"),
        ("sh", "ch"),
        ("kh", "h"),
        ("aa", "a"),
        ("j", "dj"),
        ("ks", "x"),
        ("ph", "f"),
        ("ss", "s"),
        ("mm", "m"),
        ("ll", "l"),
        ("dh", "d"),
        ("th", "t"),
        ("ai", "ay"),
        ("ei", "ey"),
        ("gh", "g"),
        ("al-", "el-"),
        ("-", " "),
        ("ie", "i"),
        ("ca", "ka"),
        ("co", "ko"),
        ("o", "u"),
        ("e", "i"),
    ];
    for _ in 0..2 {
        let start = r.n(rules.len());
        for k in 0..rules.len() {
            let (a, b) = rules[(start + k) % rules.len()];
            if s.contains(a) {
                s = s.replacen(a, b, 1);
                break;
            }
        }
    }
    s
}
#[test]
fn measure() {
    let all = names();
    let index = Index::new(all.iter().map(String::as_str));
    println!("{} names", all.len());
    let read: Vec<Name> = all.iter().map(|n| Name::read(n)).collect();
    let best = |q: &str, want: Option<usize>| -> (u16, bool) {
        let n = Name::read(q);
        let found = index.search(q, 25, |_| true);
        let mut best = 0;
        let mut has = false;
        for f in found {
            let s = likeness(&n, &read[f.number as usize]);
            match want {
                Some(w) => {
                    if read[f.number as usize] == read[w] {
                        has = true;
                        best = best.max(s);
                    }
                }
                None => best = best.max(s),
            }
        }
        (best, has)
    };
    let mut r = R(7);
    for (kind, f) in [("typo", typo as fn(&str, &mut R) -> String), ("swap", swap), ("translit", translit)] {
        let mut scores = Vec::new();
        let mut missing = 0;
        let mut shown = 0;
        for (i, n) in all.iter().enumerate().filter(|(i, _)| i % 2 == 0) {
            let q = f(n, &mut r);
            let (s, has) = best(&q, Some(i));
            if !has {
                missing += 1;
            }
            if s < 850 && shown < 25 {
                shown += 1;
                println!("   {kind}: {q:?} for {n:?}: {s} {has}");
            }
            scores.push(s);
        }
        let t = |x: u16| scores.iter().filter(|s| **s >= x).count() as f64 / scores.len() as f64;
        println!(
            "{kind}: n={} missing {missing} ≥800 {:.4} ≥820 {:.4} ≥840 {:.4} ≥850 {:.4} ≥860 {:.4} ≥880 {:.4} ≥900 {:.4}",
            scores.len(),
            t(800),
            t(820),
            t(840),
            t(850),
            t(860),
            t(880),
            t(900)
        );
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/screening/name-match-tests");
    let mut neg = Vec::new();
    for f in [
        "opensanctions_yente_validation_negatives_global.csv",
        "opensanctions_yente_validation_negatives_us.csv",
        "opensanctions_yente_positives_us_congress_untreated.csv",
    ] {
        for l in fs::read_to_string(root.join(f)).unwrap().lines().skip(1) {
            neg.push(l.split(',').next().unwrap().to_owned());
        }
    }
    let mut scores = Vec::new();
    let mut shown = 0;
    for q in &neg {
        let (s, _) = best(q, None);
        if s >= 850 && shown < 30 {
            shown += 1;
            println!("   FA {q:?} {s}");
        }
        scores.push(s);
    }
    let t = |x: u16| scores.iter().filter(|s| **s >= x).count() as f64 / scores.len() as f64;
    println!(
        "false: n={} ≥800 {:.4} ≥820 {:.4} ≥840 {:.4} ≥850 {:.4} ≥860 {:.4} ≥880 {:.4} ≥900 {:.4}",
        scores.len(),
        t(800),
        t(820),
        t(840),
        t(850),
        t(860),
        t(880),
        t(900)
    );
    // nomenklatura
    let text = fs::read_to_string(root.join("opensanctions_nomenklatura_logicv2-frozen.csv")).unwrap();
    let (mut tp, mut fp, mut fnn, mut tn, mut theirs) = (0, 0, 0, 0, [0; 4]);
    for l in text.lines().skip(1) {
        let mut fields = Vec::new();
        let mut cur = String::new();
        let mut q = false;
        for c in l.chars() {
            match c {
                '"' => q = !q,
                ',' if !q => {
                    fields.push(std::mem::take(&mut cur));
                }
                c => cur.push(c),
            }
        }
        fields.push(cur);
        if fields.len() < 12 {
            continue;
        }
        let s = likeness(&Name::read(&fields[3]), &Name::read(&fields[4]));
        let m = fields[5] == "true";
        let p = s >= 850;
        match (m, p) {
            (true, true) => tp += 1,
            (false, true) => fp += 1,
            (true, false) => fnn += 1,
            _ => tn += 1,
        }
        match fields[11].trim() {
            "TP" => theirs[0] += 1,
            "FP" => theirs[1] += 1,
            "FN" => theirs[2] += 1,
            _ => theirs[3] += 1,
        }
    }
    println!("nomenklatura: tp {tp} fp {fp} fn {fnn} tn {tn}; theirs {theirs:?}");
}
