greeting-hello = Bună ziua, { $name } 👷
greeting-hello-nameless = Bună ziua 👷
greeting-who = Sunt { $bot }, un asistent automat. Mesajele dumneavoastră sunt înregistrate pentru urmărirea lucrărilor de pe șantier. Dacă nu mai vreți să primiți mesaje, scrieți *STOP*.
greeting-what-next = Ce doriți să faceți?

help-menu = ❓ Ajutor
help-answer =
    Cum puteți vorbi cu mine:
    ✍️ Scrieți, apăsați pe un rând din meniu sau răspundeți cu numărul rândului.
    🌐 Ca să schimbați limba, scrieți numele limbii, de exemplu *English*.
    ✋ Ca să nu mai primiți mesaje, scrieți *STOP*.
    🚨 În caz de urgență, sunați la 112.

language-menu = 🌐 Limba
language-which = 🌐 În ce limbă doriți să vorbim?
language-changed = Bine, de acum vă răspund în română.

stop-answer = Bine, nu veți mai primi mesaje. Ca să le primiți din nou, scrieți *START*.

start-answer = Bine ați revenit 👷 Veți primi din nou mesaje.

human-menu = 💬 Vorbiți cu echipa
human-about = Transmit echipei. Despre ce este vorba?
human-task = O sarcină
    .also = sarcină|sarcina|sarcinile mele|lucrare|munca mea
human-safety = Siguranța
    .also = siguranță|pericol|un pericol|este periculos|accident|urgență
human-other = Altceva
    .also = alta|altă întrebare|alt lucru|alte întrebări
human-called = Chem echipa ({ $time }). Nu mai scriu până când răspunde. Scrieți „{ resume }” ca să revin.
human-kept = Cererea dumneavoastră este păstrată ({ $time }), dar acum nimeni nu este de serviciu. Echipa o va vedea când își deschide lista. Nu mai scriu până când răspunde. Scrieți „{ resume }” ca să revin.
human-danger = În caz de pericol, sunați mai întâi la 112.
human-already = Echipa are deja cererea dumneavoastră (de la { $time }).
