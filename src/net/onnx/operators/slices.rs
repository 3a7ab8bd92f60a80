//! Operators that take a part of a tensor.

use super::super::OnnxError;
use super::super::build::Builder;
use super::super::call::Call;
use super::super::value::Value;
use super::Answers;
use crate::net::Op;

/// Bounds were attributes before opset 10.
pub fn slice(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    let old = call.opset < 10;
    call.arity(if old { 1 } else { 3 }, if old { 1 } else { 5 })?;
    let needed = |list: Option<Vec<i64>>, what: &str| list.ok_or_else(|| call.invalid(format!("{what} are missing")));
    let begins = needed(call.moved("starts", 10, 1, builder.held)?, "starts")?;
    let ends = needed(call.moved("ends", 10, 2, builder.held)?, "ends")?;
    let axes = call.moved("axes", 10, 3, builder.held)?.unwrap_or_else(|| (0..begins.len() as i64).collect());
    let steps = if old { None } else { call.list(4)? }.unwrap_or_else(|| vec![1; begins.len()]);
    let x = call.input(0)?;
    let shape = builder.shape(x);
    if [ends.len(), axes.len(), steps.len()] != [begins.len(); 3] {
        return Err(call.invalid("starts, ends, axes and steps are not of one length"));
    }
    call.axes(&axes, shape.len())?;
    let (mut starts, mut lengths, mut strides) = (vec![0; shape.len()], shape.to_vec(), vec![1; shape.len()]);
    for i in 0..begins.len() {
        let axis = call.axis(axes[i], shape.len())?;
        let size = shape[axis] as i64;
        let (first, step, length) =
            cut(begins[i], ends[i], steps[i], size).ok_or_else(|| call.invalid(format!("a step is {}", steps[i])))?;
        starts[axis] = usize::try_from(first).unwrap_or(0);
        lengths[axis] = usize::try_from(length).unwrap_or(0);
        strides[axis] = isize::try_from(step).unwrap_or(1);
    }
    let op = Op::Slice { starts, steps: strides, lengths };
    builder.apply(call, call.output(0), op, std::slice::from_ref(x))
}

/// First element, step and number of elements; as numpy has it, but that bounds count once from the end at most.
fn cut(begin: i64, end: i64, step: i64, size: i64) -> Option<(i64, i64, i64)> {
    let from_end = |v: i64| if v < 0 { v.saturating_add(size) } else { v };
    let (begin, end) = (from_end(begin), from_end(end));
    let length = if step > 0 {
        let (begin, end) = (begin.clamp(0, size), end.clamp(0, size));
        if end > begin { (end - begin - 1) / step + 1 } else { 0 }
    } else if step < 0 {
        let (begin, end) = (begin.clamp(-1, size - 1), end.clamp(-1, size - 1));
        // -step would not fit for the least number.
        if begin > end { (begin - end - 1) / step.saturating_neg() + 1 } else { 0 }
    } else {
        return None;
    };
    let first = if step > 0 { begin.clamp(0, size) } else { begin.clamp(-1, size - 1) };
    // A step that is never made may be out of any range.
    Some((if length > 0 { first } else { 0 }, if length > 1 { step } else { 1 }, length))
}

/// One slice for each part that anybody wants.
pub fn split(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, used: &dyn Fn(&str) -> bool) -> Answers {
    call.arity(1, if call.opset < 13 { 1 } else { 2 })?;
    let axis = call.int("axis")?.unwrap_or(0);
    let sizes = call.moved("split", 13, 1, builder.held)?;
    let parts = if call.opset >= 18 { call.int("num_outputs")? } else { None };
    let x = call.input(0)?;
    let shape = builder.shape(x).to_vec();
    let axis = call.axis(axis, shape.len())?;
    let outputs = call.outputs().len();
    let lengths: Vec<usize> = match sizes {
        Some(_) if parts.is_some() => return Err(call.invalid("both sizes and the number of outputs are given")),
        Some(sizes) => sizes.iter().map(|&s| call.size(s, "a part")).collect::<Result<_, _>>()?,
        None => {
            if parts.is_some_and(|n| n != outputs as i64) {
                return Err(call.invalid(format!("it has {outputs} outputs, {} are named", parts.unwrap_or(0))));
            }
            let each = shape[axis].div_ceil(outputs.max(1));
            if call.opset < 18 && each.checked_mul(outputs) != Some(shape[axis]) {
                return Err(call.invalid(format!("axis {axis} of {shape:?} does not split into {outputs} parts")));
            }
            (0..outputs).map(|i| each.min(shape[axis].saturating_sub(each.saturating_mul(i)))).collect()
        }
    };
    let total = lengths.iter().try_fold(0usize, |n, &l| n.checked_add(l));
    if lengths.len() != outputs || total != Some(shape[axis]) {
        return Err(call.invalid(format!("axis {axis} of {shape:?} does not split into {lengths:?}")));
    }
    let mut begin = 0;
    let mut answers = Vec::new();
    for (index, length) in lengths.into_iter().enumerate() {
        let name = call.output(index);
        let answer = if name.is_empty() || !used(name) {
            None
        } else {
            let (mut starts, mut kept) = (vec![0; shape.len()], shape.clone());
            (starts[axis], kept[axis]) = (if length > 0 { begin } else { 0 }, length);
            let op = Op::Slice { starts, steps: vec![1; shape.len()], lengths: kept };
            Some(builder.apply(call, name, op, std::slice::from_ref(x))?)
        };
        builder.held.push(&mut answers, answer)?;
        begin += length;
    }
    Ok(answers)
}

pub fn gather(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(2, 2)?;
    let x = call.input(0)?;
    let shape = builder.shape(x);
    let axis = call.axis(call.int("axis")?.unwrap_or(0), shape.len())?;
    let wanted = call.known_ints(1)?.ok_or_else(|| call.invalid("input 1 is missing"))?;
    let size = shape[axis];
    let mut indices = builder.held.array(wanted.values.len())?;
    for &index in wanted.values.iter() {
        let counted = if index < 0 { index.saturating_add(size as i64) } else { index };
        let sound = usize::try_from(counted).ok().filter(|&i| i < size);
        indices
            .push(sound.ok_or_else(|| call.invalid(format!("index {index} is beyond axis {axis}, of size {size}")))?);
    }
    let op = Op::Gather { axis, shape: wanted.shape.clone(), indices };
    builder.apply(call, call.output(0), op, std::slice::from_ref(x))
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn cuts_like_numpy() {
        // Held against a walk over all indices.
        for size in 0..6i64 {
            for begin in -8..8 {
                for end in -8..8 {
                    for step in (-4..5).filter(|s| *s != 0) {
                        let wrap = |v: i64| if v < 0 { v + size } else { v };
                        let mut expected = Vec::new();
                        let mut at =
                            if step > 0 { wrap(begin).clamp(0, size) } else { wrap(begin).clamp(-1, size - 1) };
                        let stop = if step > 0 { wrap(end).clamp(0, size) } else { wrap(end).clamp(-1, size - 1) };
                        while if step > 0 { at < stop } else { at > stop } {
                            expected.push(at);
                            at += step;
                        }
                        let (first, step, length) = cut(begin, end, step, size).unwrap();
                        let got: Vec<i64> = (0..length).map(|i| first + i * step).collect();
                        assert_eq!(got, expected, "{begin}:{end}:{step} of {size}");
                    }
                }
            }
        }
        assert_eq!(cut(0, 1, 0, 5), None);
        assert_eq!(cut(i64::MAX, i64::MIN, i64::MIN, 5), Some((4, 1, 1)));
        assert_eq!(cut(i64::MIN, i64::MAX, i64::MAX, 5), Some((0, 1, 1)));
    }
}
