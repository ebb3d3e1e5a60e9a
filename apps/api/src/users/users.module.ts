import { Module } from '@nestjs/common';
import { ExportsModule } from '../exports/exports.module.js';
import { ImportsModule } from '../imports/imports.module.js';
import { CachedPersons } from './cached-person.js';
import { ConsentsController } from './consents.controller.js';
import { ConsentsService } from './consents.service.js';
import { PersonExportsController } from './person-exports.controller.js';
import { PersonExportsService } from './person-exports.service.js';
import { UserAttributesService } from './user-attributes.service.js';
import { UserImportsController } from './user-imports.controller.js';
import { UserMergesController } from './user-merges.controller.js';
import { UserMergesService } from './user-merges.service.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [ExportsModule, ImportsModule],
  controllers: [
    UsersController,
    ConsentsController,
    UserImportsController,
    PersonExportsController,
    UserMergesController,
  ],
  providers: [
    UsersService,
    UserAttributesService,
    ConsentsService,
    CachedPersons,
    PersonExportsService,
    UserMergesService,
  ],
})
export class UsersModule {}
