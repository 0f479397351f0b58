crash-where = Où est-ce ?
crash-called = Les secours sont prévenus.
crash-sure = Faut-il fermer la zone ?
crash-filed = C’est noté : { $place }, fiche { $number }.
