//! Properties from arrays, and what they refuse.

use super::*;

fn rows<'a>(offsets: &'a [usize], columns: &'a [u32], coefficients: &'a [f64], bounds: &'a [f64]) -> Rows<'a> {
    Rows { offsets, columns, coefficients, bounds, strict: &[false, true, false][..bounds.len()] }
}

#[test]
fn boxes_and_halfspaces() {
    let mut property = Property::new(2, 1).unwrap();
    assert_eq!(property.check(&[1.0, 2.0], &[3.0]), Ok(true));
    property.add_box(&[0.0, f64::NEG_INFINITY], &[1.0, f64::INFINITY]).unwrap();
    // x0 + x1 - y <= 0, or y < 5 and 2·x1 - x1 <= 7.
    let all = rows(&[0, 3, 4, 6], &[0, 1, 2, 2, 1, 1], &[1.0, 1.0, -1.0, 1.0, 2.0, -1.0], &[0.0, 5.0, 7.0]);
    property.add_assertion(&all, &[0, 1, 3]).unwrap();
    assert_eq!((property.num_assertions(), property.num_atoms()), (2, 5));
    for (x, y, holds) in [
        ([1.0, 2.0], 3.0, true),
        ([1.0f64.next_up(), 2.0], 3.0, false),
        ([0.0, 9.0], 4.0, false),
        ([0.0, 7.0], 4.0, true),
        ([0.0, 7.0], 5.0, false),
        ([0.0, 7.0], 7.0, true),
    ] {
        assert_eq!(property.check(&x, &[y]), Ok(holds), "{x:?} {y}");
    }
    let none = Rows { offsets: &[0], columns: &[], coefficients: &[], bounds: &[], strict: &[] };
    let mut always = property.clone();
    always.add_assertion(&none, &[0, 0]).unwrap();
    assert_eq!(always.check(&[1.0, 2.0], &[3.0]), Ok(true));
    property.add_assertion(&none, &[]).unwrap();
    assert_eq!(property.check(&[1.0, 2.0], &[3.0]), Ok(false));
}

#[test]
fn nothing_is_rounded() {
    // 0.1·x <= 0.3: at 3 the product of the doubles is larger than the double 0.3.
    let mut property = Property::new(1, 1).unwrap();
    property.add_assertion(&rows(&[0, 1], &[0], &[0.1], &[0.3]), &[0, 1]).unwrap();
    assert_eq!(property.check(&[3.0], &[0.0]), Ok(false));
    assert_eq!(property.check(&[3.0f64.next_down()], &[0.0]), Ok(true));
    // x + y <= 1 at 1 and the least double.
    let mut property = Property::new(1, 1).unwrap();
    property.add_assertion(&rows(&[0, 2], &[0, 1], &[1.0, 1.0], &[1.0]), &[0, 1]).unwrap();
    assert_eq!(property.check(&[1.0], &[5e-324]), Ok(false));
    assert_eq!(property.check(&[1.0], &[-5e-324]), Ok(true));
}

#[test]
fn refused() {
    assert_eq!(Property::new(0, 1), Err(PropertyError::Empty { inputs: 0, outputs: 1 }));
    assert!(matches!(Property::new(MAX_VARIABLES, 1), Err(PropertyError::TooMany { .. })));
    assert!(matches!(Property::new(usize::MAX, usize::MAX), Err(PropertyError::TooMany { .. })));
    let mut property = Property::new(1, 1).unwrap();
    let error = property.add_box(&[f64::NAN], &[0.0]).unwrap_err();
    assert_eq!(error.to_string(), "lower: element 0 is NaN");
    assert!(property.add_box(&[0.0], &[f64::NEG_INFINITY]).is_err());
    let crossed = property.add_box(&[0.5], &[0.25]).unwrap_err();
    assert_eq!(crossed.to_string(), "lower: element 0 is 0.5, greater than the upper bound 0.25");
    assert_eq!(property.add_box(&[], &[0.0]).unwrap_err().to_string(), "lower: the length is 0, not 1");
    let whole = rows(&[0, 1], &[0], &[1.0], &[1.0]);
    for (bad, offsets) in [
        (Rows { columns: &[2], ..whole }, &[0, 1][..]),
        (Rows { coefficients: &[f64::INFINITY], ..whole }, &[0, 1]),
        (Rows { bounds: &[f64::NAN], ..whole }, &[0, 1]),
        (Rows { offsets: &[0, 2], ..whole }, &[0, 1]),
        (Rows { offsets: &[1, 1], ..whole }, &[0, 1]),
        (Rows { offsets: &[0], ..whole }, &[0, 1]),
        (Rows { strict: &[], ..whole }, &[0, 1]),
        (whole, &[0]),
        (whole, &[]),
        (whole, &[0, 2]),
        (whole, &[0, 1, 0]),
        (whole, &[0, 1, 0, 1]),
    ] {
        assert!(property.add_assertion(&bad, offsets).is_err(), "{bad:?} {offsets:?}");
    }
    assert_eq!(property, Property::new(1, 1).unwrap());
    assert!(matches!(property.check(&[1.0], &[f64::NAN]), Err(PropertyError::NotFinite { what: "y", .. })));
    assert!(matches!(property.check(&[1.0, 2.0], &[1.0]), Err(PropertyError::Length { what: "x", .. })));
}

#[test]
fn shapes_of_networks() {
    let flat = Property::new(6, 2).unwrap();
    assert_eq!(flat.check_shapes(&[vec![1, 2, 3]], &[vec![2]]), Ok(()));
    assert_eq!(flat.check_shapes(&[vec![4], vec![1, 2]], &[vec![1, 2]]), Ok(()));
    let error = flat.check_shapes(&[vec![1, 2, 4]], &[vec![2]]).unwrap_err();
    assert_eq!(error.to_string(), "inputs: the network has 8 elements, the property 6 elements");
    let tensor = |name: &str, shape: &[usize]| TensorDecl { name: name.into(), shape: shape.into() };
    let naming = Naming::Tensors { network: "f".into(), types: vec!["Real".into(); 3] };
    let inputs = vec![tensor("A", &[2, 3]), tensor("B", &[])];
    let named = Property::of(inputs, vec![tensor("Y", &[1, 2])], naming, Formula::default()).unwrap();
    assert_eq!(named.check_shapes(&[vec![1, 2, 3], vec![1]], &[vec![2]]), Ok(()));
    assert!(named.check_shapes(&[vec![3, 2], vec![1]], &[vec![2]]).is_err());
    assert!(named.check_shapes(&[vec![6, 1]], &[vec![2]]).is_err());
    let names: Vec<_> = (0..9).map(|column| named.variable_name(column)).collect();
    assert_eq!(names[4..], ["A[1,1]", "A[1,2]", "B", "Y[0,0]", "Y[0,1]"]);
}
