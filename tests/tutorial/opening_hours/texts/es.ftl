hours-answer = El almacén abre de { $open } a { $close }.
