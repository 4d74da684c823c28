"""The rules of the programme, as plain tables and functions. No web, no database, no clock of its own.

The words, one each, with their French:

applicant (until approved)   demandeur, demandeuse       member (after)            membre
traveller (public text)      voyageur, voyageuse         application               demande d’adhésion
section                      section                     document                  document
enrolment centre             centre d’inscription        interview                 entrevue
slot (a time at a centre)    plage horaire               place (a desk in a slot)  place
agency                       organisme                   agency decision           décision d’un organisme
adjudication                 examen                      conditional approval      approbation conditionnelle
membership                   adhésion                    renewal                   renouvellement
officer                      agent, agente               look-out                  signalement
hit                          correspondance              gap                       période non couverte
reconsideration              réexamen                    reference                 numéro de référence
"""

AGENCIES = ("CA", "US")
