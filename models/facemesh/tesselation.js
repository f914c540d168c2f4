// The mesh as triangles: an edge between every two points that share one.
//
// The edges are MediaPipe's face_mesh_connections.py (FACEMESH_TESSELATION), each once: 468 points, 1322 edges, 852 triangles, and three
// holes (the eyes and the mouth).

// For each point in turn, up to a full stop: its neighbours of higher index, two digits of base 36 each.
const NEIGHBOURS = `
  0b114k7f.040j187m.2m2p3x4k4n92aaax.1f5f5g5h6k.0518191f7m7n7t.1f5f7t.3e4o5g5h9rbn.0p0x324j.091j4o5d7xbl.1j2z30477x9c9d.31479e.
  0c11207f8e.0d12207g8e.122a7g8o.0f2e2f8s8t.0g2d2e8r8s.0h2d8r.0i2b2c2d8p8q8r.2b5k5l8pbp.182m3h3x7m9uaa.1o272r4m6m6q.1i1w1z4i.
  0n0q41494a6e6f.0o40416d6e.32406c6d.0v0x323m6a6c.344a4b6f6g.0s0t4f4g6667.1k4d4e4f6566.0u4g6768.4g4h68696v.33396a6c.3w4r5e5l5s5v.3m6u6v.
  3j3v3z4c6b6i.33353g3z6a.2s2t3y5n5p5q.13204k4n.1520292a.1420212k4l4n.21222k5556.1620212229.2228295354.1l1p2j2y425m5o.193h646l.1f3q64.
  1h1r1y353g4c69.2s363d3i3k61.1d1s373n636j.1s2u3l3n5t.2t393a3f575p.3q5f6k.1h1r1t1u2x6667.1r676869.1w2v2w.1t2z595d65.4d4t5a65.1p55565m5w.
  3o4s4x5z.234m636j.232r4m6o.24425455.2425262o535b.1w1y1z2w2x.2q2u3l6j6o.1u2z6566.1x2x2z.1x2v2w3031.1z2w.2w2x2z30.1z3v4c.3v4i.21.22.
  5455.4m6j6o.25425354.2i2j2o42.2n2o5b.4m626l6m6n.29535b.2a..2c51525l.2d5051.2e4z50.2f4y4z.4y.2h2n2o4y4z.2i2o4z50.2j2o5051.2y425152.
  4l565q60.3o3t6b6i.3xaa.2o..2q2r3x4l4n6q.2r3l4l5n6o.6o6q.2t3c3d3i3y.3a3b3c5p.3l.2w.2x..525e5o.30.3147.47.404j6c.38393f3z6a.
  3p4b6g6h6r6s.3g696a6v.3k4u5861.3n626364.3f3t3z6b.3a3f6c6d.3b6d6e.3c6e.3d6e6f6g.3k6g.4o585d5g6t.3t434x57.3z4c.3x6l6p.3l3y5t61.3v4i6i.
  586g6h6t.3y5n5t.6a6v.3q5i5t64.3t4x.4b4t5a6r.5i646k.3s3u464p5c5y.3u464s.4x6b.4s5c5x5z.4c4i.444q4r4w5v.6p6q.5n.4c6b.414j.49..4x575x5z.
  484r4v4w.464q4w.4p4q.9d9e.4vah.4a.4b...4e4t.4f.4g.4h.6u6v...4n7fax.4n5n5q.6263..5d9rbl.4q5u5v5y.4w5v.4v5j5s.5z.5a.585g616k.5jahb0..5z.
  4z.50.51.52.5e5l.545b.55.56.5w60.5c5p5r5x5y.5g6t.5a5d656r6s.656r..5x5y.6s6t.5l5o5v.5h6w7t.5h6k.6wbn.5t616k.5k5sb0bw.5l5sbpbw.5s.
  5o5u5w5y.5q.5u5v.5q5r60.60.5w5y60..61.5v5y..5y60.5z....6k.63646l.6j.6l.66.67.68.69.6v.6v.6i.6d.6e.6f.6g.6h.6s6t..6o..6n6p.6n6p6q.6p..
  6q..6s.6t..6v..7tbnco.737b9fau.828l94awcqcrcu.7w8a8dat.7174aeakalcicj.72adaechci.9fadcgch.797b9f9zcecg.9halamcjck.7677aqarcacb.
  7yaoapaqc9ca.78arcbcc.arascccdcycz.9g9mcecg.a9b0bmbpbwbz.9zcycz.9wa8acancfcm.9g9i9tacce.9596abbrbtbu.7h8eax.7j8e8n8o.7i8e8f8yavax.
  8f8g8ybdbe.7k8e8f8g8n.8g8m8nbbbc.7z838x9bafbqbs.7n9uc8cp.7ta3c8.7v858c9i9tancd.959j9q9v9xc5.7r869ka0c7cn.86979ya0bx.969m9n9sbfbt.a3co.
  7v8587889acacb.85cbcccd.8a9899.879cbhblc9.aob2bic9.83bdbebqc0.a1b1b5c3.828hawc7cn.8h94awcs.8iafbcbd.8i8j8k91bbbj.8a8c8d999a.
  93979ycncs.889cc9ca.8b9a9c.8b98999d9e.8d99.999a9c9d.8da8an.a8at.8f.8g.bcbd.cncs.8jafbbbc.8w8x91af.9091bj.awc6cpcr.8nbbbj.8o..8qb9babp.
  8rb8b9.8sb7b8.8tb6b7.b6.8v9091b6b7.8w91b7b8.8x91b8b9.9bafb9ba.avbebuc4.a1a6cfcm.91..9394aaavaxcu.949yavbrcs.cscu.969p9q9vab.9n9o9pbt.
  9y.99.9a..babmbs.9d.9e..adaucg.9l9m9sacce.a2amckclcvcw.9tcdcecz.9xb3bgc5.a0c6c7c8.9sa6accf.9n9scgch.9ochci.9pci.9qcicjck.9xck.
  bgblbncx.a6agb5bf.acan.aacpct.9yabbxc5.a8atcm.bgckclcx.abbrbx.cecz.a3bobxc8.a6b5.amb2bicv.boc8co.a5a7ajaybkc2.a7ajb1.b5cf.b1bkc1c3.
  anat.ahazb0b4bz.ctcu.br.ancf.aeau.ak..b5bfc1c3.b0b4.ajazb4.ayaz.al.am...apb2.aq.ar.as.cy...axbrbu.c6c7..azbybzc2.b4bz.bw.c3.bi.
  bgbnc5co..c3.b7.b8.b9.ba.bmbp.bcbj.bd.be.c0c4.bkbtbvc1c2.bncx.biblc9cvcw.c9cv..c1c2.cwcx.bpbsbz.co.bxc5co.bw.bsbyc0c2.bu.bybz.bubvc4.
  c4.c0c2c4..c5.bzc2..c2c4.c3....co.c7c8cp.cn.cp.ca.cb.cc.cd.cz.cz.cm.ch.ci.cj.ck.cl.cwcx..cs..crct.crctcu.ct..cu..cw.cx..cz..
`;

/**
 * @returns {[from: number, to: number][]}  [1322], from < to.
 */
export function tesselationEdges() {
  const points = NEIGHBOURS.replace(/\s/g, '').split('.').slice(0, -1);
  return points.flatMap((digits, from) =>
    (digits.match(/../g) ?? []).map((pair) => /** @type {[number, number]} */ ([from, Number.parseInt(pair, 36)])),
  );
}

// Edges around three triangles that meet in a point (102 and 331, beside the nostrils), and no triangles themselves.
const AROUND = [
  [49, 64, 129],
  [279, 294, 358],
];

/**
 * @returns {[number, number, number][]}  [852], indices ascending.
 */
export function tesselationTriangles() {
  const edges = tesselationEdges();
  const linked = new Set(edges.map(String));
  const around = new Set(AROUND.map(String));
  return edges.flatMap(([a, b]) =>
    edges
      .filter(([from, to]) => from === b && linked.has(String([a, to])) && !around.has(String([a, b, to])))
      .map(([, to]) => /** @type {[number, number, number]} */ ([a, b, to])),
  );
}
