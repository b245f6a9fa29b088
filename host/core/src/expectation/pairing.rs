//! Each beginning with an answer of its own.

use std::collections::VecDeque;

/// For each of so many beginnings the answer that is its own: as many of them have one as can, and the earlier ones first. An answer
/// goes to another beginning where the first has one beside it (Kuhn's augmenting paths).
pub(super) fn pairs(beginnings: usize, answers: usize, meets: impl Fn(usize, usize) -> bool) -> Vec<Option<usize>> {
    let mut own: Vec<Option<usize>> = vec![None; beginnings];
    let mut taken: Vec<Option<usize>> = vec![None; answers];
    for beginning in 0..beginnings {
        if taken.iter().all(Option::is_some) {
            break;
        }
        if let Some((answer, asked)) = free(beginning, &own, &taken, &meets) {
            give(answer, &asked, &mut own, &mut taken);
        }
    }
    own
}

/// An answer that nobody has and the beginning can come to have, and for each answer on the way who asks for it.
fn free(
    beginning: usize,
    own: &[Option<usize>],
    taken: &[Option<usize>],
    meets: &impl Fn(usize, usize) -> bool,
) -> Option<(usize, Vec<Option<usize>>)> {
    let mut asked: Vec<Option<usize>> = vec![None; taken.len()];
    let mut asking = VecDeque::from([beginning]);
    while let Some(one) = asking.pop_front() {
        for (answer, taken) in taken.iter().enumerate() {
            if asked[answer].is_some() || own[one] == Some(answer) || !meets(one, answer) {
                continue;
            }
            asked[answer] = Some(one);
            match taken {
                Some(other) => asking.push_back(*other),
                None => return Some((answer, asked)),
            }
        }
    }
    None
}

/// Gives the answer to who asks for it, what that had to who asks for that, and so on.
fn give(answer: usize, asked: &[Option<usize>], own: &mut [Option<usize>], taken: &mut [Option<usize>]) {
    let mut next = Some(answer);
    while let Some(answer) = next {
        let Some(one) = asked[answer] else { return };
        next = own[one].replace(answer);
        taken[answer] = Some(one);
    }
}
