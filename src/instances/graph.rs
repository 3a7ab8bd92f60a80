//! Simple undirected graphs, what Tseitin and colouring formulas are made of.

use super::{InstanceError, filled, positive, small, with_capacity};

/// A simple undirected graph on the vertices `1..=vertices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    vertices: u32,
    /// Smaller end first, ascending, each once.
    edges: Vec<[u32; 2]>,
}

impl Graph {
    /// A graph of these edges, in either direction and any order.
    ///
    /// Errors: no vertex, an end that is not in `1..=vertices`, a loop, an edge given twice, no memory.
    pub fn new(vertices: u64, edges: &[[u32; 2]]) -> Result<Self, InstanceError> {
        positive("vertices", vertices)?;
        let vertices = small("vertices", vertices.into())?;
        let mut sorted = with_capacity(edges.len())?;
        for &[a, b] in edges {
            let refuse = |why: String| Err(InstanceError::parameter("edge", format!("{a}-{b}"), why));
            if a == b {
                return refuse("a loop".into());
            }
            if [a, b].iter().any(|end| !(1..=vertices).contains(end)) {
                return refuse(format!("its ends must be in 1..={vertices}"));
            }
            sorted.push([a.min(b), a.max(b)]);
        }
        sorted.sort_unstable();
        if let Some([a, b]) = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]) {
            return Err(InstanceError::parameter("edge", format!("{a}-{b}"), "it is there already"));
        }
        Ok(Graph { vertices, edges: sorted })
    }

    /// A graph of edges known to be distinct, without loops, and within `1..=vertices`, smaller end first.
    pub(super) fn from_simple(vertices: u32, mut edges: Vec<[u32; 2]>) -> Self {
        edges.sort_unstable();
        debug_assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
        debug_assert!(edges.iter().all(|&[a, b]| 1 <= a && a < b && b <= vertices));
        Graph { vertices, edges }
    }

    /// How many vertices there are.
    #[must_use]
    pub fn num_vertices(&self) -> u32 {
        self.vertices
    }

    /// The edges, smaller end first, ascending.
    #[must_use]
    pub fn edges(&self) -> &[[u32; 2]] {
        &self.edges
    }

    /// Whether every vertex can be reached from every other.
    pub fn is_connected(&self) -> Result<bool, InstanceError> {
        // Union-find with path halving: one array, no recursion.
        let mut parent: Vec<u32> = with_capacity(self.vertices as usize)?;
        parent.extend(0..self.vertices);
        let mut parts = self.vertices;
        for &[a, b] in &self.edges {
            let (a, b) = (root(&mut parent, a - 1), root(&mut parent, b - 1));
            if a != b {
                parent[a.max(b) as usize] = a.min(b);
                parts -= 1;
            }
        }
        Ok(parts == 1)
    }

    /// The indices of the edges at every vertex: those of vertex `v` are `list[start[v - 1]..start[v]]`.
    pub(super) fn incidence(&self) -> Result<(Vec<usize>, Vec<u32>), InstanceError> {
        let mut start = filled(0usize, self.vertices as usize + 1)?;
        for end in self.edges.iter().flatten() {
            start[*end as usize] += 1;
        }
        for v in 1..start.len() {
            start[v] += start[v - 1];
        }
        let mut list = filled(0u32, self.edges.len() * 2)?;
        let mut next = with_capacity(start.len())?;
        next.extend_from_slice(&start);
        for (index, ends) in (0u32..).zip(&self.edges) {
            for &end in ends {
                let place = &mut next[end as usize - 1];
                list[*place] = index;
                *place += 1;
            }
        }
        Ok((start, list))
    }
}

fn root(parent: &mut [u32], mut vertex: u32) -> u32 {
    while parent[vertex as usize] != vertex {
        let grandparent = parent[parent[vertex as usize] as usize];
        parent[vertex as usize] = grandparent;
        vertex = grandparent;
    }
    vertex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_put_in_order() {
        let g = Graph::new(4, &[[4, 1], [2, 1], [3, 2]]).unwrap();
        assert_eq!(g.edges(), [[1, 2], [1, 4], [2, 3]]);
        assert_eq!(g.incidence().unwrap(), (vec![0, 2, 4, 5, 6], vec![0, 1, 0, 2, 2, 1]));
    }

    #[test]
    fn only_simple_graphs() {
        for edges in [&[[1, 1]][..], &[[0, 1]], &[[1, 4]], &[[1, 2], [2, 1]]] {
            let error = Graph::new(3, edges).unwrap_err();
            assert!(matches!(error, InstanceError::Parameter { name: "edge", .. }), "{error}");
        }
        assert!(Graph::new(0, &[]).is_err());
        assert!(Graph::new(1 << 30, &[]).is_err());
    }

    #[test]
    fn connected_or_not() {
        let connected = |n, edges: &[[u32; 2]]| Graph::new(n, edges).unwrap().is_connected().unwrap();
        assert!(connected(1, &[]));
        assert!(!connected(2, &[]));
        assert!(connected(5, &[[5, 1], [2, 3], [3, 4], [4, 5]]));
        assert!(!connected(6, &[[1, 2], [2, 3], [1, 3], [4, 5], [5, 6], [4, 6]]));
    }
}
