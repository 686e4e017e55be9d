a: f: g: [ (a |> f |> g) (f <| g <| a) (a |> f 1) (f 1 <| a) (a + 1 |> f) ]
