import { describe, expect, test } from 'vitest'
import { igamma, igamma_, igammac, igammac_, setBackend, special, tensor, type Tensor } from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

setBackend(referenceBackend())

// arguments and values: mpmath 1.3 in 40 digits; those of besselJ and besselY are away from zeros
const values: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  i0: [[-10.48, 4442.137238398422], [1.769, 1.9493264951385567], [-5.202, 32.642155279456894], [4.157, 12.948836430660503], [5.029, 27.955098454168542], [-17.38, 3405199.756379475], [0, 1.0], [0.5, 1.0634833707413236], [7.9, 389.406283282158], [8.1, 469.5006067101215]],
  i0e: [[-58.42, 0.052307822200665675], [40.5, 0.06288397125805982], [-28.88, 0.07456327837694075], [-31.88, 0.07093839912579888], [59.48, 0.0518376238883166], [-3.568, 0.22043425813854253]],
  i1: [[13.46, 74030.34244004138], [-0.9459, -0.5278542475986868], [5.563, 40.90348644837009], [-13.98, -122320.23789201799], [5.394, 34.98764260791693], [14.72, 250211.1542672068], [0, 0.0], [0.5, 0.2578943053908963], [7.9, 363.8539440845084], [8.1, 439.48430891035844]],
  i1e: [[2.782, 0.20109065842064236], [28.95, 0.07317453473349661], [20.57, 0.08633250583396293], [-52.32, -0.054756182804029434], [30.99, 0.07078752551359944], [10.93, 0.11640073688546812]],
  besselJ0: [[-15.9, -0.1649704994856706], [-37.52, 0.07386411190041718], [29.24, -0.14526422202138287], [-2.18, 0.12150949471274337], [17.51, -0.10147153800420163]],
  besselJ1: [[17.13, -0.11804268064592549], [33.69, 0.13714053562115963], [-8.403, -0.2708958096132986], [24.07, -0.15714077325224637], [-4.43, 0.21154289673897086], [34.85, 0.06268127442135485]],
  besselY0: [[5.447, -0.34026706235622184], [8.687, 0.27034074889866466], [17.45, -0.15527689094817226], [0.01, -3.005455637083646], [2.0, 0.5103756726497451], [8.0, 0.22352148938756622]],
  besselY1: [[25.07, -0.10720019184523424], [12.05, -0.06802494903966352], [20.29, -0.13851667811512347], [15.44, 0.104772680234927], [14.04, -0.16095792477510476], [23.41, 0.13137866104325865], [0.01, -63.67859628206065], [1.0, -0.7812128213002887], [2.0, -0.10703243154093754], [8.0, -0.1580604617312475]],
  sphericalBesselJ0: [[3.37, -0.06718887886465374], [16.17, -0.027567854281707986], [7.279, 0.11529087654386068], [17.16, -0.05786458995901901], [14.26, 0.06959786117327642], [19.64, 0.036184611247923236]],
  modifiedBesselK0: [[20.14, 4.974020474312868e-10], [4.901, 0.004114417586194385], [25.82, 1.5015332405163497e-12], [28.94, 6.265905347584698e-14], [27.14, 3.913254009993905e-13], [17.08, 1.1507360080029694e-08], [0.01, 4.721244730161095], [1.0, 0.42102443824070834], [2.0, 0.11389387274953344], [8.0, 0.0001464707052228154]],
  modifiedBesselK1: [[21.42, 1.3724450522489378e-10], [6.342, 0.0009258502311941841], [24.95, 3.7177344654954366e-12], [17.21, 1.0355300234046346e-08], [8.556, 8.592562865530182e-05], [1.913, 0.15691924192537926], [0.01, 99.97389411829624], [1.0, 0.6019072301972346], [2.0, 0.13986588181652243], [8.0, 0.00015536921180500115]],
  scaledModifiedBesselK0: [[51.24, 0.17466506532251122], [59.39, 0.16229187081312219], [5.32, 0.5317548618680589], [48.04, 0.1803598726274391], [24.63, 0.251285021486436], [9.054, 0.4110950157976499], [0.01, 4.768694028544462], [1.0, 1.144463079806895], [2.0, 0.8415682150707714], [8.0, 0.4366230186015861]],
  scaledModifiedBesselK1: [[17.64, 0.3046446294658713], [46.13, 0.18602063296834417], [52.37, 0.17442119156357877], [2.661, 0.866713786253395], [36.88, 0.20845961987704906], [2.706, 0.8579822662065407], [0.01, 100.97864845824004], [1.0, 1.6361534862632583], [2.0, 1.0334768470686886], [8.0, 0.4631490928704961]],
  erfcx: [[27.33, 0.020629808510374385], [9.893, 0.05674217824724194], [34.64, 0.016280449885543034], [39.13, 0.014413634739827411], [17.74, 0.031752956668463624], [39.93, 0.014125039363599176]],
  logNdtr: [[-19.16, -187.42726901153486], [-27.31, -377.1455777810764], [-9.008, -43.70104892990272], [-28.9, -421.88897386914425], [-23.09, -270.6342550931474], [-15.72, -127.23707881958305]],
  airyAi: [[-12.53, -0.26216439538839087], [-1.5, 0.4642565777488694], [-0.3, 0.43090309528558085], [0.0, 0.3550280538878172], [0.7, 0.18916240039815008], [2.5, 0.01572592338047049], [5.1, 8.613242706478852e-05], [17.25, 2.4964772635925842e-22], [96.5, 3.0979822162318945e-276]],
  entr: [[2.446, -2.187834575150143], [0.6332, 0.2893527397575473], [0.1793, 0.30816199527792926], [3.472, -4.321705326483016], [1.262, -0.293664578318205], [3.835, -5.154889782531707], [0.01, 0.04605170185988092], [1.0, 0.0], [2.0, -1.3862943611198906], [8.0, -16.635532333438686]],
} // prettier-ignore
const zetas = [[2.0, 1.0, 1.6449340668482264], [1.5, 0.25, 10.213055360466601], [4.0, 3.5, 0.011717641469542009], [9.0, 0.5, 512.026288734128]] // prettier-ignore
// a, x, P(a, x) and Q(a, x)
const gammas = [[0.001, 0.2, 0.9987774521605268, 0.0012225478394732089], [0.5, 0.0001, 0.011283415555849618, 0.9887165844441503], [0.5, 3, 0.9856941215645704, 0.01430587843542964], [1, 0.4, 0.32967995396436073, 0.6703200460356393], [2.5, 1.2, 0.20852587940567532, 0.7914741205943246], [4, 5, 0.7349740847026383, 0.2650259152973617], [9.5, 20, 0.9967276828812203, 0.003272317118779751], [15, 3, 6.703859112405606e-07, 0.9999993296140888], [30, 28, 0.3773896943143976, 0.6226103056856024], [120, 140, 0.9610658829052547, 0.03893411709474523], [450, 430, 0.17325585891286574, 0.8267441410871342], [600, 610, 0.6626082568831103, 0.3373917431168897], [2000, 1900, 0.011695820381150114, 0.9883041796188499], [100000.0, 100200.0, 0.7366620100051987, 0.2633379899948013], [0.9, 0.95, 0.6576968396167732, 0.34230316038322683]] // prettier-ignore

/** Units in the last place between a number and the one that is right. */
function ulps(got: number, want: number): number {
  if (got === want) return 0
  return Math.abs(got - want) / 2 ** (Math.max(Math.floor(Math.log2(Math.abs(want))), -1022) - 52)
}

const f64 = { dtype: 'float64' } as const
const functionOf = (name: string): ((x: Tensor) => Tensor) =>
  // every name of the table is a function of one tensor
  Reflect.get(special, name) as (x: Tensor) => Tensor

describe('special functions of float64 are within 4 units in the last place', () => {
  for (const [name, pairs] of Object.entries(values)) {
    test(name, () => {
      const got = functionOf(name)(
        tensor(
          pairs.map(([x]) => x),
          f64,
        ),
      ).tolist() as number[] // one axis
      const errors = pairs.map(([x, want], i) => ({ x, ulps: ulps(got[i], want) }))
      expect(errors.filter((error) => !(error.ulps <= 4))).toEqual([])
    })
  }

  test('zeta', () => {
    const [x, q, want] = [0, 1, 2].map((i) => zetas.map((row) => row[i]))
    const got = special.zeta(tensor(x, f64), tensor(q, f64)).tolist() as number[] // one axis
    expect(got.map((value, i) => ulps(value, want[i])).filter((error) => !(error <= 4))).toEqual([])
  })
})

test('incomplete gamma functions are within 8 units in the last place, 40 where a is large', () => {
  const [a, x] = [0, 1].map((i) => tensor(gammas.map((row) => row[i]), f64)) // prettier-ignore
  const [lower, upper] = [igamma(a, x), igammac(a, x)].map((y) => y.tolist() as number[]) // one axis
  const errors = gammas.map(([a, x, p, q], i) => ({ a, x, ulps: [ulps(lower[i], p), ulps(upper[i], q)] }))
  expect(errors.filter((e) => !(Math.max(...e.ulps) <= (e.a > 100 ? 40 : 8)))).toEqual([])
})

test('the ends of the incomplete gamma functions are those of PyTorch', () => {
  const a = tensor([0, 0, 2, Infinity, Infinity, 2, -1, 2, NaN], f64)
  const x = tensor([0, 3, 0, 3, Infinity, Infinity, 1, -1, 1], f64)
  expect(igamma(a, x).tolist()).toEqual([NaN, 1, 0, 0, NaN, 1, NaN, NaN, NaN])
  expect(igammac(a, x).tolist()).toEqual([NaN, 0, 1, 1, NaN, 0, NaN, NaN, NaN])
  expect(igamma_(tensor([4]), tensor([3])).tolist()).toEqual([expect.closeTo(0.3528, 4)])
  expect(igammac_(tensor([4]), 3).tolist()).toEqual([expect.closeTo(0.6472, 4)])
  expect(special.airyAi(tensor([Infinity, -Infinity, NaN])).tolist()).toEqual([0, 0, NaN])
})

test('polynomials follow their recurrence, and are 0 below degree 0', () => {
  const x = tensor([-0.5, 0, 2], f64)
  expect(special.chebyshevPolynomialT(x, 3).tolist()).toEqual([1, -0, 26])
  expect(special.hermitePolynomialH(x, 2).tolist()).toEqual([-1, -2, 14])
  expect(special.hermitePolynomialHe(x, 2).tolist()).toEqual([-0.75, -1, 3])
  expect(special.laguerrePolynomialL(x, 1).tolist()).toEqual([1.5, 1, -1])
  expect(special.legendrePolynomialP(x, 2).tolist()).toEqual([-0.125, -0.5, 5.5])
  expect(special.shiftedChebyshevPolynomialU(x, tensor([1, 0, -1])).tolist()).toEqual([-4, 1, 0])
})

test('ends of the domain: infinite, zero or NaN as in PyTorch', () => {
  expect(special.modifiedBesselK0(tensor([0, -1, Infinity])).tolist()).toEqual([Infinity, NaN, 0])
  expect(special.besselY0(tensor([0, -1])).tolist()).toEqual([-Infinity, NaN])
  expect(special.erfcx(tensor([-30, Infinity, NaN])).tolist()).toEqual([Infinity, 0, NaN])
  expect(special.zeta(tensor([1, 0.5]), 1).tolist()).toEqual([Infinity, NaN])
  expect(special.i0(tensor([Infinity, NaN])).tolist()).toEqual([Infinity, NaN])
})

test('integers give float32, an empty tensor an empty one, and strides do not matter', () => {
  expect(special.i1(tensor([1], { dtype: 'int32' })).dtype).toBe('float32')
  expect(special.i1(tensor([])).shape).toEqual([0])
  const x = tensor([[1, 2], [3, 4]]) // prettier-ignore
  expect(special.erfcx(x.t()).tolist()).toEqual(special.erfcx(x).t().tolist())
})
