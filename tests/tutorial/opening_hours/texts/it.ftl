hours-answer = Il deposito è aperto dalle { $open } alle { $close }.
